"""Open a classifier as quickly as it goes: what can go on at once does."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.contract import DEFAULT_BUNDLE, DEFAULT_IDENTITY, MANIFEST, MAX_PIXELS
from edge_runtime.engine.options import DEFAULTS, EngineOptions

if TYPE_CHECKING:
    from edge_runtime.bundle.bundle import Bundle
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.predict.prediction import Gradients
    from edge_runtime.trust.verify import Trusted


def begin_hashing(bundle: Path | None, engine: EngineOptions) -> None:
    """Hash what ``open_classifier`` will probably read, while the caller imports the rest."""
    from edge_runtime.system import digest  # noqa: PLC0415 - in this order: the disk works first

    digest.begin(bundle or DEFAULT_BUNDLE, marker=MANIFEST)

    from edge_runtime.engine import cache  # noqa: PLC0415

    if engine.cache and engine.model is None and (entry := cache.last_entry(engine.cache)):
        digest.begin(entry, marker=cache.RECORD)


def open_classifier(
    bundle: Path | None = None,
    *,
    engine: EngineOptions = DEFAULTS,
    gradients: "Gradients | None" = None,
    quality_gate: bool = True,
    max_pixels: int = MAX_PIXELS,
    expected_identity: str | None = None,
    trusted: "Trusted | None" = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> "Classifier":
    """Load a bundle and a model of it; the model opens while the rest is imported.

    Args:
        bundle: Its folder; None for the default bundle.
        engine: Which model, and on what.
        gradients: As for ``Classifier``.
        quality_gate: Likewise.
        max_pixels: Likewise.
        expected_identity: As for ``load_bundle``.
        trusted: Likewise.
        meanwhile: Called while the model opens, such as to import what comes next.

    Raises:
        FundusError: As ``load_bundle``, ``open_session`` and ``Classifier`` do.
    """
    from concurrent.futures import ThreadPoolExecutor, wait  # noqa: PLC0415

    from edge_runtime.bundle.bundle import load_bundle  # noqa: PLC0415
    from edge_runtime.system.interrupts import held_back  # noqa: PLC0415

    with held_back():
        from edge_runtime.engine.open import open_session  # noqa: PLC0415

    loaded = load_bundle(bundle, expected_identity=expected_identity, trusted=trusted)
    opening = ThreadPoolExecutor(1).submit(open_session, loaded, engine)
    try:
        from edge_runtime.predict.classifier import Classifier  # noqa: PLC0415

        meanwhile()
        classifier = Classifier(
            loaded,
            gradients=gradients,
            quality_gate=quality_gate,
            max_pixels=max_pixels,
            session=opening.result(),
        )
        if trusted:
            _remember(loaded, trusted)
        return classifier
    except KeyboardInterrupt:
        wait((opening,))  # a second at most; it leaves no half-written model in the cache
        raise


def _remember(loaded: "Bundle", trusted: "Trusted") -> None:
    """Remember that a bundle ran, where the device does, so that none takes it back."""
    if trusted.memory is None or loaded.sealed is None:
        return
    from datetime import datetime, timezone  # noqa: PLC0415 - few ask for it

    from edge_runtime.trust.limited import remember_limited  # noqa: PLC0415
    from edge_runtime.trust.releases import remember_release  # noqa: PLC0415

    release, today = loaded.sealed.release, datetime.now(timezone.utc).date()
    remember_release(loaded.manifest.name, release, trusted.memory, today=today)
    if loaded.identity == DEFAULT_IDENTITY and release.expires:
        remember_limited(loaded.identity, trusted.memory)
