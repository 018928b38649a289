"""Tell FHIR of the DICOM studies that photos are of, as far as the photos tell them."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from edge_runtime.exchange.camp_words import Requested
from edge_runtime.exchange.codes import EYE, code_of
from edge_runtime.exchange.fhir_codes import MODALITIES, meta
from edge_runtime.exchange.fhir_datatypes import Coding, Identifier, Reference
from edge_runtime.exchange.fhir_resources import ImagingStudy, Instance, Series
from edge_runtime.exchange.fhir_values import coding
from edge_runtime.exchange.fhir_words import DICOM_UIDS, URIS, is_oid
from edge_runtime.exchange.requested import accessions
from edge_runtime.exchange.statements import ImageReference, PhotoStatements
from edge_runtime.hospital.kinds import READ
from edge_runtime.results.codings import SIDES

_STATUS = "unknown"  # whether an archive has it isn't known here


def imaging_studies(
    photos: Iterable[PhotoStatements],
    subject: Reference,
    requests: Sequence[Requested] = (),
    *,
    started: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, ImagingStudy]:
    """Tell the studies of photos, by their UIDs.

    A photo that came in no DICOM file, or whose file has a UID that is none, is of no study here.

    Args:
        photos: A person's.
        subject: The person.
        requests: The orders of a hospital that those are for which came in no DICOM file.
        started: The days of studies by their UIDs, as far as they are known.

    Source: HL7 FHIR R4, ImagingStudy, and its mapping to DICOM.
    """
    studies: dict[str, dict[str, list[PhotoStatements]]] = {}
    for photo in photos:
        if image := in_study(photo):
            series = studies.setdefault(image.study_uid, {})
            series.setdefault(image.series_uid, []).append(photo)
    return {
        uid: ImagingStudy(
            meta=meta(),
            identifier=(
                Identifier(system=DICOM_UIDS, value=f"urn:oid:{uid}"),
                *accessions(requests, uid),
            ),
            status=_STATUS,
            subject=subject,
            started=started.get(uid, ""),
            series=tuple(_series(each, found) for each, found in series.items()),
        )
        for uid, series in studies.items()
    }


def in_study(photo: PhotoStatements) -> ImageReference | None:
    """Give the object that a photo came in, if it has all UIDs by which a study is told."""
    image = photo.image
    if image is None:
        return None
    uids = image.study_uid, image.series_uid, image.sop_instance_uid, image.sop_class_uid
    return image if all(map(is_oid, uids)) else None


def _modality(photos: Sequence[PhotoStatements]) -> Coding:
    """Tell what took a series, as its files say; "other" where they don't, or not one thing."""
    told = {photo.modality or _untold(photo.image) for photo in photos}
    return MODALITIES.get(told.pop() if len(told) == 1 else "", MODALITIES["OT"])


def _untold(image: ImageReference | None) -> str:
    """Give what took an object by its class: DICOM has one word alone for one of them."""
    title = READ.get(image.sop_class_uid, "") if image else ""
    return "OP" if title.startswith("Ophthalmic Photography") else ""


def _series(uid: str, photos: Sequence[PhotoStatements]) -> Series:
    """Tell a series; photos of one file are one object."""
    eyes = {each.eye for each in photos}
    eye = eyes.pop() if len(eyes) == 1 else None
    images = [image for each in photos if (image := in_study(each))]
    classes = {each.sop_instance_uid: each.sop_class_uid for each in images}
    return Series(
        uid=uid,
        modality=_modality(photos),
        body_site=coding(EYE),
        laterality=None if eye is None else coding(code_of(SIDES[eye])),
        instance=tuple(
            Instance(each, Coding(URIS, f"urn:oid:{sop_class}"))
            for each, sop_class in classes.items()
        ),
    )
