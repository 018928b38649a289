"""What the golden test runs: command lines by name, in the order in which they run.

``<work>`` is the folder that the test fills: photos (photos.py), datasets (datasets.py), and of the
tests' tiny model the run folder ``run``, its data ``dataset`` and its bundle ``tiny``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """A command line of fundus-edge.

    Of ``out``, a folder below ``<work>``, all files are recorded. With ``luck`` the figures hang on
    how the tiny model learned, and only their types are recorded. ``copied`` are two paths below
    ``<work>``, from and to: a photo comes before the command runs.
    """

    name: str
    arguments: str
    out: str = ""
    luck: bool = False
    copied: tuple[str, str] | None = None


COMMANDS = (
    "audit", "benchmark", "calibrate", "evaluate", "export", "predict", "split", "train",
    "validate",
)  # fmt: skip

HELP = (
    Scenario("nothing", ""),
    Scenario("help", "--help"),
    Scenario("version", "--version"),
    Scenario("short help of predict", "predict -h"),
    *(Scenario(f"help of {command}", f"{command} --help") for command in COMMANDS),
)

_EYE = "<work>/drawn/glaucoma.png"

# Each is wrong by itself, and nothing is read before it is said.
USAGE = tuple(
    Scenario(arguments, arguments)
    for arguments in (
        "nonsense",
        "--nonsense",
        *COMMANDS,  # all but benchmark lack an argument; benchmark's own is below
        "predict eye.jpg --nonsense",
        "predict eye.jpg --out",
        "predict ''",
        "predict eye.jpg --resume",
        "predict eye.jpg --gradients rough",
        "predict eye.jpg --max-pixels 0",
        "predict eye.jpg --threads 0",
        "predict eye.jpg --threads 257",
        "predict eye.jpg --threads many",
        "benchmark --threads 1,",
        "benchmark --seconds 0",
        "benchmark --seconds nan",
        "benchmark one.jpg two.jpg",
        "audit folder --patients (",
        "split folder",
        "split folder --out new --val 0",
        "split folder --out new --test 1",
        "split folder --out new --val 0.6 --test 0.6",
        "evaluate run folder --split dev_dir",
        "evaluate run folder --resamples 99",
        "export run",
        "calibrate bundle --data folder",
        "calibrate bundle --data folder --out new --target risc",
        "calibrate bundle --data folder --out new --method guess",
        "calibrate bundle --data folder --out new --sensitivity 1",
        "calibrate bundle --data folder --out new --tflite all",
        "validate bundle",
        "validate bundle --data folder --rounds 2",
        "validate bundle --data folder --split train_dir",
        "train folder --out new --batch 0",
        "train folder --out new --optimizer best",
        "train folder --out new --input-size 31",
        "train folder --out new --resume --config config.json",
        "train folder --out new --strategy multiworker --resume",
    )
    if arguments != "benchmark"
)

PREDICT = (
    Scenario("one photo", "predict examples/retina.jpg"),
    Scenario("one photo as JSON", "predict examples/retina.jpg --json"),
    Scenario("a folder as JSON", "predict <work>/drawn --json"),
    Scenario("the same photo twice", f"predict {_EYE} {_EYE}"),
    Scenario("every format and depth", "predict <work>/formats --json"),
    Scenario("ungradable photos", "predict <work>/ungradable"),
    Scenario("ungradable photos as JSON", "predict <work>/ungradable --json"),
    Scenario("without the quality gate",
             "predict <work>/drawn/cataract.png --no-quality-gate --json"),
    Scenario("one thread", f"predict {_EYE} --threads 1 --json"),
    Scenario("a model by its name", f"predict {_EYE} --model int8 --json"),
    Scenario("a model by its file", f"predict {_EYE} --model model.int8.onnx --json"),
    Scenario("a class by its name", f"predict {_EYE} --class normal --json"),
    Scenario("every class", f"predict {_EYE} --class all --json"),
    Scenario("fixed gradients", "predict examples/retina.jpg --gradients fixed --json"),
    Scenario("unknown model", f"predict {_EYE} --model int9"),
    Scenario("unknown class", f"predict {_EYE} --class drusen"),
    Scenario("few pixels allowed", f"predict {_EYE} --max-pixels 1000 --json"),
    Scenario("the tiny bundle", f"predict {_EYE} --bundle <work>/tiny --json", luck=True),
    Scenario("the tiny bundle in TFLite",
             f"predict {_EYE} --bundle <work>/tiny --model float32-tflite --json", luck=True),
)  # fmt: skip

FOLDERS = (
    Scenario("a new folder", "predict <work>/drawn --out <work>/out/plain", out="out/plain"),
    Scenario("the folder exists", "predict <work>/drawn --out <work>/out/plain"),
    Scenario("all is done", "predict <work>/drawn --out <work>/out/plain --resume",
             out="out/plain"),
    Scenario("a folder more than at first",
             "predict <work>/drawn <work>/more --out <work>/out/plain --resume"),
    Scenario("a folder that will grow", "predict <work>/growing --out <work>/out/grown --resume"),
    Scenario("new photos for a complete run",
             "predict <work>/growing --out <work>/out/grown --resume", out="out/grown",
             copied=("more/another.png", "growing/new.png")),
    Scenario("another class", "predict <work>/drawn --out <work>/out/plain --resume --class all"),
    Scenario("another gate",
             "predict <work>/drawn --out <work>/out/plain --resume --no-quality-gate"),
    Scenario("other pixels", "predict <work>/drawn --out <work>/out/plain --resume --max-pixels 9"),
    Scenario("results are no photos", "predict <work>/out"),
    Scenario("a folder that isn't a run's", f"predict {_EYE} --out <work>/no_photos --resume"),
    Scenario("every class in a folder",
             "predict examples/retina.jpg <work>/more --class all --out <work>/out/all",
             out="out/all"),
    Scenario("fixed gradients in a folder",
             f"predict {_EYE} --gradients fixed --out <work>/out/fixed --resume", out="out/fixed"),
    Scenario("errors and ungradable photos in a folder",
             f"predict {_EYE} <work>/gone.jpg <work>/ungradable/dark.png --json "
             "--out <work>/out/bad", out="out/bad"),
)  # fmt: skip

BROKEN_PHOTOS = (
    Scenario("broken photos", "predict <work>/broken"),
    Scenario("broken photos as JSON", "predict <work>/broken --json"),
    Scenario("a folder with all kinds of files", "predict <work>/mixed --json"),
    Scenario("no photo in a folder", "predict <work>/no_photos"),
    Scenario("no such file", "predict <work>/gone.jpg"),
    Scenario("a text file by its name", "predict <work>/no_photos/notes.txt"),
)

DATASETS = (
    Scenario("audit", "audit <work>/folders"),
    Scenario("audit, strict, as JSON", "audit <work>/folders --strict --json"),
    Scenario("audit of a table", "audit <work>/table --out <work>/out/audit", out="out/audit"),
    Scenario("audit of a split that leaks", "audit <work>/dataset --out <work>/out/leaks",
             out="out/leaks"),
    Scenario("split", "split <work>/folders --out <work>/out/split --val 0.3 --test 0",
             out="out/split"),
    Scenario("split of a table", "split <work>/table --out <work>/out/table --val 0.3 --test 0",
             out="out/table"),
    Scenario("evaluate", "evaluate <work>/tiny <work>/dataset --out <work>/out/evaluation",
             out="out/evaluation", luck=True),
    Scenario("evaluate as JSON", "evaluate <work>/tiny <work>/dataset --split val_dir --json",
             luck=True),
    Scenario("validate",
             "validate <work>/tiny --data <work>/dataset --rounds 3 --json "
             "--out <work>/out/validation", out="out/validation", luck=True),
    Scenario("benchmark",
             "benchmark --bundle <work>/tiny --seconds 0.2 --threads 1,2 --no-cache --json",
             luck=True),
)  # fmt: skip

_TRAIN = "train <work>/dataset --out <work>/new"
_CALIBRATE = "calibrate <work>/tiny --data <work>/dataset"

WRONG_INPUT = tuple(
    Scenario(arguments, arguments)
    for arguments in (
        "audit <work>/gone",
        "audit <work>/no_photos",
        "audit <work>/one_class",
        f"audit {_EYE}",
        "audit <work>/folders --out <work>/no_photos",
        "split <work>/gone --out <work>/new",
        "split <work>/dataset --out <work>/new",
        "split <work>/folders --out <work>/no_photos",
        "evaluate <work>/gone <work>/dataset",
        "evaluate <work>/no_photos <work>/dataset",
        "evaluate <work>/tiny <work>/gone",
        "evaluate <work>/tiny <work>/no_photos",
        "evaluate <work>/tiny <work>/dataset --split all",
        "evaluate <work>/tiny <work>/dataset --flips",
        "evaluate <work>/tiny <work>/dataset --model int9",
        "evaluate <work>/tiny <work>/dataset --out <work>/no_photos",
        "benchmark <work>/gone.jpg --bundle <work>/tiny",
        "benchmark --bundle <work>/gone",
        "benchmark --bundle <work>/tiny --model int9",
        "validate <work>/no_photos --data <work>/dataset",
        "validate <work>/tiny --data <work>/gone",
        "validate <work>/tiny --data <work>/dataset --model int9",
        "validate <work>/tiny --data <work>/dataset --gates <work>/no_photos/notes.txt",
        "validate <work>/tiny --data <work>/dataset --out <work>/no_photos",
        "export <work>/gone --out <work>/new",
        "export <work>/no_photos --out <work>/new",
        "export <work>/run --out <work>/no_photos",
        "export <work>/run --data <work>/gone --out <work>/new",
        "calibrate <work>/gone --data <work>/dataset --out <work>/new",
        "calibrate <work>/no_photos --data <work>/dataset --out <work>/new",
        "calibrate <work>/tiny --data <work>/gone --out <work>/new",
        f"{_CALIBRATE} --out <work>/no_photos",
        f"{_CALIBRATE} --out <work>/new --no-referral drusen",
        "train <work>/gone --out <work>/new",
        "train <work>/no_photos --out <work>/new",
        "train <work>/one_class --out <work>/new",
        "train <work>/dataset --out <work>/run",
        "train <work>/dataset --out <work>/run --resume --seed 5",
        f"{_TRAIN} --config <work>/gone",
        f"{_TRAIN} --config <work>/no_photos/notes.txt",
        f"{_TRAIN} --weights <work>/gone --allow-leaks",
        f"{_TRAIN} --weights none --sizes 160:0.5",
        f"{_TRAIN} --weights none --unfreeze conv9 --allow-leaks",
        f"{_TRAIN} --weights none --leave-out clinic",
        f"{_TRAIN} --weights none",
    )
)
