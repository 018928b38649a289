"""Write a person's statements as a Comprehensive SR after TID 1500, a group for each eye and photo.

Source: DICOM PS3.16, TID 1500, 1501, 300, 320, 1204, 1002, 1004, 1600, 1601 and 4019; PS3.3,
A.35.3 and C.17.2.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from edge_runtime.exchange import codes
from edge_runtime.exchange.camp_words import Requested
from edge_runtime.exchange.codes import Code
from edge_runtime.exchange.content import (
    Relation,
    code_item,
    container,
    image_item,
    is_measured,
    region_item,
    statement_item,
    text_item,
    uid_item,
)
from edge_runtime.exchange.new_object import MAKER, Series, dress, number_at, sealed
from edge_runtime.exchange.requested import request_items
from edge_runtime.exchange.statements import (
    Algorithm,
    EyeStatements,
    ImageReference,
    PersonStatements,
    PhotoStatements,
)
from edge_runtime.hospital.modules import derived_uid

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: The class's UID.
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"


class Pictures(Struct, frozen=True):
    """The objects of a photo: its own, where it has one, and of each class its overlay.

    ``outline`` is around what the model saw of the photo, as ``outline.outline`` draws it; () where
    the picture's size isn't known.
    """

    source: ImageReference | None
    overlays: tuple[tuple[Code, ImageReference], ...] = ()
    outline: tuple[float, ...] = ()

    @property
    def objects(self) -> tuple[ImageReference, ...]:
        """All of them."""
        own = (self.source,) if self.source else ()
        return (*own, *(each for _, each in self.overlays))


def write_report(
    said: PersonStatements,
    pictures: Mapping[int, Pictures],
    words: Mapping[str, str],
    requests: Sequence[Requested] = (),
) -> tuple[ImageReference, bytes]:
    """Write a person's report.

    Args:
        said: What it says.
        pictures: The objects of its photos, by number.
        words: Of patient and study, see ``new_object.STUDY_WORDS``.
        requests: The orders of a hospital that it is for.

    Returns:
        How it is referred to, and the file's content: the same for the same report.

    Raises:
        ClauseError: It can't be said in DICOM.
    """
    from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

    made: Any = Dataset()
    study, time = words["StudyInstanceUID"], datetime.datetime.fromisoformat(said.time)
    description = "AI results of fundus photographs, research only"
    series = Series(derived_uid("reports", study), 9001, description, "SR", number_at(said.time))
    dress(made, words, series, sop_class=COMPREHENSIVE_SR, version=said.algorithm.version)
    made.ContentDate, made.ContentTime = f"{time:%Y%m%d}", f"{time:%H%M%S}"
    made.CompletionFlag, made.VerificationFlag = "COMPLETE", "UNVERIFIED"
    made.PreliminaryFlag = "PRELIMINARY"
    made.ReferencedPerformedProcedureStepSequence = []
    made.PerformedProcedureCodeSequence = []
    if items := request_items(requests):
        made.ReferencedRequestSequence = items
    made.CodingSchemeIdentificationSequence = [_scheme()]
    _refer(made, [each for picture in pictures.values() for each in picture.objects], study)
    root = container(codes.MEASUREMENT_REPORT, None, [*_tree(said, pictures)], template="1500")
    made.update(root)
    uid, data = sealed(made, "report")
    return ImageReference(COMPREHENSIVE_SR, uid, series.uid, study), data


def _tree(said: PersonStatements, pictures: Mapping[int, Pictures]) -> Iterator["Dataset"]:
    yield code_item(codes.LANGUAGE, "HAS CONCEPT MOD", codes.ENGLISH)
    yield from _observer(said.algorithm)
    yield code_item(codes.PROCEDURE_REPORTED, "HAS CONCEPT MOD", codes.IMAGING_PROCEDURE)
    yield from _library(pictures)
    groups = [
        _group(eye, photo, pictures.get(photo.number, Pictures(None)), said.algorithm)
        for eye in said.eyes
        for photo in eye.photos
    ]
    yield container(codes.IMAGING_MEASUREMENTS, "CONTAINS", groups)
    general = [statement_item(each) for each in (*said.camp, *said.general)]
    yield container(codes.QUALITATIVE_EVALUATIONS, "CONTAINS", general)


def _observer(algorithm: Algorithm) -> Iterator["Dataset"]:
    relation: Relation = "HAS OBS CONTEXT"
    uid = derived_uid("device", algorithm.identity, algorithm.model, algorithm.version)
    yield code_item(codes.OBSERVER_TYPE, relation, codes.DEVICE)
    yield uid_item(codes.DEVICE_UID, relation, uid)
    yield text_item(codes.DEVICE_NAME, relation, algorithm.name)
    yield text_item(codes.DEVICE_MAKER, relation, MAKER)
    yield text_item(codes.DEVICE_MODEL, relation, f"{algorithm.model} {algorithm.identity}")


def _library(pictures: Mapping[int, Pictures]) -> Iterator["Dataset"]:
    """List the photos that have an object, each once; a library needs one at least."""
    sources = dict.fromkeys(each.source for each in pictures.values() if each.source)
    if sources:
        entries = [image_item(codes.SOURCE, each) for each in sources]
        group = container(codes.IMAGE_LIBRARY_GROUP, "CONTAINS", entries)
        yield container(codes.IMAGE_LIBRARY, "CONTAINS", [group], template="1600")


def _group(
    eye: EyeStatements, photo: PhotoStatements, pictures: Pictures, algorithm: Algorithm
) -> "Dataset":
    """Write a photo's measurement group."""
    within = [
        text_item(codes.TRACKING_IDENTIFIER, "HAS OBS CONTEXT", _tracking(photo)),
        uid_item(codes.TRACKING_UID, "HAS OBS CONTEXT", _tracking_uid(photo, pictures)),
        _site(eye),
        *_algorithm(algorithm),
    ]
    if pictures.source:
        within.append(image_item(codes.SOURCE_OF_MEASUREMENT, pictures.source))
    basis = _basis(eye, pictures)
    within += [statement_item(each, otherwise=[basis]) for each in photo.statements]
    if pictures.source and pictures.outline and not any(map(is_measured, photo.statements)):
        # viewers such as OHIF show no report with a group in which nothing is drawn
        drawn = pictures.source, pictures.outline
        within.append(region_item(codes.IMAGE_REGION, *drawn, "CONTAINS"))
    within += [
        image_item(codes.OVERLAY, each, code_item(codes.FINDING, "HAS CONCEPT MOD", of))
        for of, each in pictures.overlays
    ]
    return container(codes.MEASUREMENT_GROUP, "CONTAINS", within, template="1501", done=photo.time)


def _site(eye: EyeStatements) -> "Dataset":
    side = [] if eye.laterality is None else [
        code_item(codes.LATERALITY, "HAS CONCEPT MOD", eye.laterality)
    ]  # fmt: skip
    return code_item(codes.FINDING_SITE, "HAS CONCEPT MOD", codes.EYE, *side)


def _basis(eye: EyeStatements, pictures: Pictures) -> "Dataset":
    """Say of a number what it follows from: what was seen of the photo, or else of what it is."""
    source = pictures.source
    relation: Relation = "INFERRED FROM"
    if source is None:
        return _site(eye)
    if not pictures.outline:
        return image_item(codes.SOURCE_OF_MEASUREMENT, source, relation=relation)
    return region_item(codes.SOURCE_OF_MEASUREMENT, source, pictures.outline, relation)


def _algorithm(algorithm: Algorithm) -> Iterator["Dataset"]:
    for concept, text in (
        (codes.ALGORITHM_NAME, algorithm.name),
        (codes.ALGORITHM_VERSION, algorithm.version),
        (codes.ALGORITHM_PARAMETERS, f"model {algorithm.model}"),
        (codes.ALGORITHM_PARAMETERS, f"precision {algorithm.precision}"),
        (codes.ALGORITHM_PARAMETERS, f"bundle {algorithm.identity}"),
    ):
        yield text_item(concept, "HAS CONCEPT MOD", text)


def _tracking(photo: PhotoStatements) -> str:
    """Name a photo for people, without its file's name, which may tell who it is."""
    return f"photo {photo.number}, {f'{photo.eye} eye' if photo.eye else 'eye unknown'}"


def _tracking_uid(photo: PhotoStatements, pictures: Pictures) -> str:
    """Give what stays the same when a photo is classified anew."""
    if pictures.source:
        return derived_uid("photo of", pictures.source.sop_instance_uid, str(pictures.source.frame))
    return derived_uid("photo without an object", photo.time, photo.name, str(photo.number))


def _refer(made: Any, objects: Iterable[ImageReference], study: str) -> None:
    """List all objects that the tree refers to, those of other studies apart."""
    from pydicom.dataset import Dataset  # noqa: PLC0415 - as above

    studies: dict[str, dict[str, dict[str, str]]] = {}
    for each in objects:
        series = studies.setdefault(each.study_uid, {}).setdefault(each.series_uid, {})
        series[each.sop_instance_uid] = each.sop_class_uid
    own: list[Any] = []
    others: list[Any] = []
    for study_uid, found in studies.items():
        part: Any = Dataset()
        part.StudyInstanceUID, part.ReferencedSeriesSequence = study_uid, []
        for series_uid, instances in found.items():
            listed: Any = Dataset()
            listed.SeriesInstanceUID, listed.ReferencedSOPSequence = series_uid, []
            for uid, sop_class in instances.items():
                one: Any = Dataset()
                one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = sop_class, uid
                listed.ReferencedSOPSequence.append(one)
            part.ReferencedSeriesSequence.append(listed)
        (own if study_uid == study else others).append(part)
    if own:
        made.CurrentRequestedProcedureEvidenceSequence = own
    if others:
        made.PertinentOtherEvidenceSequence = others


def _scheme() -> Any:
    from pydicom.dataset import Dataset  # noqa: PLC0415 - as above

    made: Any = Dataset()
    made.CodingSchemeDesignator, made.CodingSchemeUID = codes.PRIVATE, codes.PRIVATE_UID
    made.CodingSchemeName = codes.PRIVATE_NAME
    return made
