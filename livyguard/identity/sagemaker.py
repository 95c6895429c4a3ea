"""Who SageMaker says is asking: the metadata that it writes into each of its machines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from livyguard.policy.identity import Witness

__all__ = ["METADATA", "profile"]

METADATA = Path("/opt/ml/metadata/resource-metadata.json")
SOURCE = "SageMaker's metadata file"
#: What SageMaker's API lets a user profile be called.
PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")


def profile(path: Path = METADATA) -> Witness | None:
    """Return what the metadata says, ``reported``; None where there is no such file.

    - An application of one user profile (Studio Classic) has ``UserProfileName``: that is who is asking.
    - An application of a space has ``SpaceName``, private or shared alike. Several people may work in one, and nothing
      in the file tells, so it names nobody, also where a profile stands beside it.
    - A notebook instance has ``ResourceArn`` and ``ResourceName``, its own name: it names nobody.

    SageMaker knows no groups. A file that is not such an object names nobody.
    """
    try:
        content: Any = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return _nobody(f"{path} cannot be read ({type(error).__name__}).")
    except (ValueError, RecursionError):
        content = None
    return _judged(content, path)


def _judged(content: Any, path: Path) -> Witness:
    if not isinstance(content, dict):
        return _nobody(f"{path} is no JSON object.")
    if _text(content, "SpaceName"):
        return _nobody("A SageMaker space may be shared, so it names nobody.")
    if not _text(content, "DomainId"):
        return _nobody("A SageMaker notebook instance has a name of its own and names nobody.")
    name = _text(content, "UserProfileName")
    return Witness(SOURCE, "reported", name) if PROFILE.fullmatch(name) else _nobody(f"{path} names no user profile.")


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    return value.strip() if isinstance(value, str) else ""


def _nobody(note: str) -> Witness:
    return Witness(SOURCE, "reported", note=note)
