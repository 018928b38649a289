"""Draw procedural fundus photographs: seeded, free of rights, and no patient's.

They have a round lit field, a disc, a macula and vessels, and per class one mark that a model can
learn. They are for tests and trials, not a stand-in for photographs.

    python examples/make_fundus.py FOLDER --per-class 20 --seed 0
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

CLASSES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")


def draw_fundus(
    kind: str, *, seed: int, size: tuple[int, int] = (240, 320)
) -> npt.NDArray[np.uint8]:
    """Draw one photograph.

    Args:
        kind: One of ``CLASSES``: blurred and pale, with red and yellow spots, with a large cup,
            or plain.
        seed: The same seed and kind draw the same photograph.
        size: (height, width) in pixels.

    Returns:
        uint8 (height, width, 3), RGB.
    """
    generator = np.random.default_rng((seed, CLASSES.index(kind)))
    height, width = size
    radius = int(0.46 * min(size))
    centre = np.array([width // 2, height // 2]) + generator.integers(-4, 5, 2)
    photo = np.zeros((height, width, 3), np.float32)
    tint = np.array([205, 105, 45]) * generator.uniform(0.75, 1.15, 3)
    cv2.circle(photo, _point(centre), radius, tint.tolist(), -1)
    side = generator.choice([-1, 1])
    disc = centre + np.array([side * 0.55 * radius, generator.uniform(-0.1, 0.1) * radius])
    for _ in range(9):
        bend, turn = generator.uniform(0.2, 0.9, 2) * generator.choice([-1, 1], 2)
        steps = np.linspace(0, 1, 24)
        x = disc[0] - side * steps * radius * 1.4
        y = disc[1] + radius * (bend * np.sqrt(steps) + 0.1 * turn * np.sin(6 * steps))
        points = np.stack([x, y], axis=1).astype(np.int32)
        colour = (tint * (0.6, 0.4, 0.4)).tolist()
        cv2.polylines(photo, [points], isClosed=False, color=colour, thickness=1 + radius // 60)
    macula = centre - np.array([side * 0.15 * radius, 0])
    cv2.circle(photo, _point(macula), radius // 6, (tint * 0.7).tolist(), -1)
    cv2.circle(photo, _point(disc), radius // 6, (245, 205, 130), -1)
    cup = 0.78 if kind == "glaucoma" else 0.35
    cv2.circle(photo, _point(disc), int(cup * radius / 6), (255, 240, 205), -1)
    if kind == "diabetic_retinopathy":
        for _ in range(24):
            angle, distance = generator.uniform(0, 2 * np.pi), generator.uniform(0.2, 0.8) * radius
            spot = centre + distance * np.array([np.cos(angle), np.sin(angle)])
            colour = (120, 20, 15) if generator.random() < 0.6 else (250, 225, 120)
            cv2.circle(
                photo, _point(spot), int(generator.integers(2, 2 + radius // 25)), colour, -1
            )
    photo = cv2.GaussianBlur(photo, (0, 0), 1.2)
    if kind == "cataract":
        photo = cv2.GaussianBlur(photo, (0, 0), radius / 16) * 0.6 + 75
    photo += generator.normal(0, 3, photo.shape)
    field = np.zeros(size, np.uint8)
    cv2.circle(field, _point(centre), radius, 1, -1)
    return np.asarray(np.clip(photo, 0, 255) * field[..., None], np.uint8)


def write_dataset(folder: Path, *, per_split: dict[str, int], seed: int = 0) -> None:
    """Write a dataset in the layout that training reads.

    Args:
        folder: Where to; made if need be.
        per_split: Photographs of each class, by split folder's name.
        seed: The same seed writes the same photographs.
    """
    number = seed * 100_000
    for split, count in per_split.items():
        for kind in CLASSES:
            (folder / split / kind).mkdir(parents=True)
            for _ in range(count):
                number += 1
                photo = draw_fundus(kind, seed=number)
                path = folder / split / kind / f"{number}_left.jpg"
                _, data = cv2.imencode(".jpg", np.ascontiguousarray(photo[..., ::-1]))
                path.write_bytes(data.tobytes())


def _point(position: npt.NDArray[np.floating]) -> tuple[int, int]:
    return int(position[0]), int(position[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw a dataset of procedural fundus photographs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--per-class", type=int, default=20, help="in train_dir; a quarter elsewhere"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    few = max(1, options.per_class // 4)
    write_dataset(
        options.folder,
        per_split={"train_dir": options.per_class, "val_dir": few, "test_dir": few},
        seed=options.seed,
    )
