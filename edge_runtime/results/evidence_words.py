"""Say in words where in the retina the evidence for a class lies."""

from edge_runtime.results.shown import percent
from edge_runtime.results.structured_report import Evidence
from edge_runtime.results.texts import Texts

_NAMED, _CLEARLY = 0.1, 1.25  # share of the evidence in a zone, and times that of even evidence
_TOLD = 0.01  # the share outside of the eye from which on it is told


def where(evidence: Evidence, texts: Texts, *, disc_seen: bool | None) -> str:
    """Say where evidence lies: on which side of the disc, in which zones, how much outside.

    The two zones at most are named that hold the most of it, and clearly more than evidence spread
    evenly over the eye would have there through the same cells, which stands beside.

    Args:
        evidence: Of a class.
        texts: In which language.
        disc_seen: Whether the optic disc was found, None where nobody looked for it.
    """
    if not evidence.is_positive:
        return texts.say("where.none", name=texts.class_name(evidence.class_name))
    parts = []
    if evidence.beside_disc is not None:
        side = texts.say(f"side.{evidence.beside_disc}")
        parts.append(texts.say("where.side", side=side))
    evenly = evidence.zones_evenly
    if evidence.zones is not None and evenly is not None:
        inside = {
            name: share
            for name, share in evidence.zones.items()
            if name != "outside" and share >= max(_NAMED, _CLEARLY * evenly[name])
        }
        parts += [
            texts.say(
                "where.share",
                share=percent(inside[name], 0),
                zone=texts.say(f"zone.{name}"),
                even=percent(evenly[name], 0),
            )
            for name in sorted(inside, key=lambda name: -inside[name])[:2]
        ] or [texts.say("where.even")]
    elif disc_seen is None:
        parts.append(texts.say("where.unasked"))
    else:
        parts.append(texts.say("where.no_zones" if disc_seen else "where.no_disc"))
    if evidence.outside >= _TOLD:
        parts.append(texts.say("where.outside", share=percent(evidence.outside, 0)))
    return "; ".join(parts)
