"""What SageMaker's metadata file says of who is asking, in every shape that it is seen in."""

from __future__ import annotations

import json

import pytest

from livyguard.identity.sagemaker import profile

ARN = "arn:aws:sagemaker:us-west-2:123456789012"
#: Studio Classic, as the SageMaker SDK's own tests have it.
STUDIO = {
    "AppType": "KernelGateway",
    "DomainId": "d-1234567890",
    "UserProfileName": "alice",
    "ResourceArn": f"{ARN}:app/d-1234567890/alice/KernelGateway/datascience",
    "ResourceName": "datascience-1-0-ml-t3-medium",
    "AppImageVersion": "",
}
#: Studio with JupyterLab, as the tests of SageMaker's own server extension have it.
SPACE = {
    "AppType": "JupyterLab",
    "DomainId": "d-1234567890",
    "SpaceName": "team-lab",
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/Admin",
    "ResourceArn": f"{ARN}:app/d-1234567890/team-lab/JupyterLab/default",
    "ResourceName": "default",
    "AdditionalMetadata": {"DataZoneUserId": "12345abc-0000-1111-aaaa-ab1234567890"},
}
INSTANCE = {"ResourceArn": f"{ARN}:notebook-instance/alice", "ResourceName": "alice"}


@pytest.fixture
def metadata(tmp_path):
    """Write the file and read it."""

    def read(content):
        file = tmp_path / "resource-metadata.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return profile(file)

    return read


def test_an_application_of_one_profile_is_its_users(metadata):
    told = metadata(STUDIO)

    assert (told.user, told.trust, told.groups, told.note) == ("alice", "reported", frozenset(), None)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (SPACE, "A SageMaker space may be shared, so it names nobody."),
        ({**SPACE, "UserProfileName": "alice"}, "A SageMaker space may be shared, so it names nobody."),
        (INSTANCE, "A SageMaker notebook instance has a name of its own and names nobody."),
        ({**INSTANCE, "UserProfileName": "alice"}, "A SageMaker notebook instance has a name of its own"),
        ({"DomainId": "d-1"}, "names no user profile."),
        ({**STUDIO, "UserProfileName": " "}, "names no user profile."),
        ({**STUDIO, "UserProfileName": None}, "names no user profile."),
        ({**STUDIO, "UserProfileName": ["alice"]}, "names no user profile."),
        ({**STUDIO, "UserProfileName": "alice\nroot"}, "names no user profile."),
        ({**STUDIO, "UserProfileName": "-rf"}, "names no user profile."),
        ({**STUDIO, "UserProfileName": "a" * 64}, "names no user profile."),
        ([STUDIO], "is no JSON object."),
        (None, "is no JSON object."),
        (b"", "is no JSON object."),
        (b'{"DomainId": "d-1", "UserProfileName": "ali', "is no JSON object."),
        (b"\xff\xfe", "is no JSON object."),
        (b"[" * 200_000, "is no JSON object."),
    ],
)
def test_whatever_names_no_single_person_names_nobody_and_says_why(metadata, content, note):
    told = metadata(content)

    assert (told.user, told.groups) == (None, frozenset())
    assert note in told.note


@pytest.mark.parametrize("place", ["nothing.json", "file/nothing.json"])
def test_without_a_file_this_is_not_sagemaker(tmp_path, place):
    (tmp_path / "file").write_text("")

    assert profile(tmp_path / place) is None


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    told = profile(tmp_path)

    assert told.user is None
    assert told.note == f"{tmp_path} cannot be read (IsADirectoryError)."
