"""Where a bundle comes from: training, dataset, programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

#: A choice of a training, such as its seed: each version has its own.
Choice = Annotated[object, Meta(extra_json_schema={"title": "Choice"})]


class Leaks(Struct, frozen=True):
    """Groups of copies or of one patient's photos that stand in more than one split."""

    groups: int = 0
    photos: int = 0


class TrainedOn(Struct, frozen=True, kw_only=True):
    """The dataset that a model was trained and measured on: its photos by split.

    ``fingerprint`` is that of ``train.data.fingerprint``, ``sources`` the classes that each source
    holds in the training's photos.
    """

    name: str
    fingerprint: str = ""
    photos: Mapping[str, int]
    leaks: Leaks | UnsetType = UNSET
    sources: Mapping[str, tuple[str, ...]] | UnsetType = UNSET


class RepresentativePhotos(Struct, frozen=True, kw_only=True):
    """The SHA-256 of the training photos that set the ranges of quantised models."""

    seed: int = 0
    sha256: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Where a bundle comes from; what it doesn't tell is empty.

    ``training`` are the choices of the training by name, ``versions`` the programs, ``notes`` what
    is known of the data, Markdown.
    """

    training: Mapping[str, Choice] = field(default_factory=dict)
    dataset: TrainedOn | UnsetType = UNSET
    versions: Mapping[str, str | None] = field(default_factory=dict)
    notes: str | None = ""
    representative: RepresentativePhotos | UnsetType = UNSET
