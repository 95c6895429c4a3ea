"""What is allowed: the policy, the request and the decision. Pure: no Livy client, no notebook, no file."""
