"""Run the audit of shortcuts on photos with a model of a bundle."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from calibration.explanations.known_photos import KnownPhoto, choose
from calibration.explanations.shortcuts.audit import Audited, audit, pictures_of_a_photo
from calibration.explanations.shortcuts.donors import draw_donors
from calibration.explanations.shortcuts.effects import effects
from calibration.explanations.shortcuts.pool import ask_pool
from calibration.explanations.shortcuts.record import ShortcutsRecord
from calibration.explanations.shortcuts.swaps import PROPERTIES
from calibration.explanations.shortcuts.verdict import THRESHOLDS
from calibration.explanations.stability.shake import BATCH
from calibration.models.model_under_test import open_model
from edge_runtime.bundle.bundle import Bundle
from train.metrics.intervals import BOOTSTRAP, Bootstrap

#: So many photos are asked about as they are for each that is changed, as donors of rare classes.
_ASKED = 10


@dataclass(frozen=True)
class AuditOptions:
    """Which properties, by name, how many photos are changed at most, and the seed of all draws."""

    names: tuple[str, ...] = PROPERTIES
    limit: int = 60
    seed: int = 0


def steps(photos: int, classes: int, options: AuditOptions) -> int:
    """Say about how many pictures the model will be asked about in all."""
    changed = min(photos, options.limit)
    return min(photos, _ASKED * options.limit) + changed * pictures_of_a_photo(
        options.names, classes
    )


def run_audit(
    bundle: Bundle,
    photos: Sequence[KnownPhoto],
    *,
    model: str | None = None,
    threads: int | None = None,
    options: AuditOptions,
    on_picture: Callable[[int], None] = lambda count: None,
) -> tuple[ShortcutsRecord, Audited]:
    """Ask about photos, swap their properties, and summarise.

    Args:
        bundle: Where the model is.
        photos: The files, of which at most ten times the limit are looked at.
        model: As in ``EngineOptions``.
        threads: Likewise.
        options: What to do.
        on_picture: Called with the number of pictures that are done.

    Raises:
        UnknownNameError: The bundle has no such model.
        NoLogitsError: The model gives none.
        NoPhotoLeftError: No photo is left.
        AnswerInvalidError: The model's answer isn't numbers.
    """
    tested = replace(open_model(bundle, model, threads=threads), batch=BATCH)
    asked = choose(tuple(photos), _ASKED * options.limit, seed=options.seed)
    pool = ask_pool(tested, asked, limits=bundle.manifest.quality, on_picture=on_picture)
    donors = draw_donors(pool.explained, limit=options.limit, seed=options.seed)
    each = pictures_of_a_photo(options.names, len(tested.classes))
    audited = audit(
        tested,
        pool,
        donors,
        names=options.names,
        seed=options.seed,
        on_photo=lambda: on_picture(each),
    )
    changed = pool.explained.taken(donors.chosen)
    tops = Counter(changed.classes[top] for top in changed.top)
    sources = Counter(photo.source for photo in changed.photos if photo.source)
    record = ShortcutsRecord(
        model=str(tested.file),
        bundle=bundle.manifest.name,
        bundle_identity=bundle.identity,
        input_size=tested.input_size,
        seed=options.seed,
        asked=len(asked),
        photos=len(changed.photos),
        pictures=audited.pictures,
        photos_by_class={name: tops[name] for name in changed.classes},
        sources=dict(sorted(sources.items())),
        left_out=pool.left_out,
        thresholds=THRESHOLDS,
        effects=effects(audited, bootstrap=Bootstrap(BOOTSTRAP.resamples, options.seed)),
    )
    return record, audited
