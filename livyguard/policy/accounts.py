"""Log-ins that name nobody."""

__all__ = ["SHARED_ACCOUNTS"]

#: Images and services run as these, whoever sits in front of them; a policy's ``shared_accounts`` adds to them.
SHARED_ACCOUNTS = frozenset({"ec2-user", "jovyan", "sagemaker-user", "hadoop", "livy", "root", "nobody", "app"})
