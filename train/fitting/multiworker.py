"""Train on several machines at once, each with its share of the photos."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from train.errors import ClusterError
from train.fitting.batches import Batches
from train.network.inference import inference
from train.network.source_loss import right_within


@dataclass(frozen=True)
class Workers:
    """The cluster as this process sees it: which of how many workers it is.

    Keras 3's ``fit`` can't work with ``MultiWorkerMirroredStrategy`` (keras-team/keras#20585),
    but the strategy itself works with Keras's layers and optimisers: each worker computes the
    gradients of its share of a batch, and every optimiser step adds them up over all workers.
    """

    strategy: Any
    index: int
    count: int

    def share(self, examples: int) -> npt.NDArray[np.intp]:
        """Choose this worker's examples: every ``count``-th one.

        All workers get as many; where they don't divide evenly, some get one that another has.
        """
        steps = np.arange(-(-examples // self.count), dtype=np.intp)
        return (steps * self.count + self.index) % examples

    def fit(
        self,
        model: keras.Model,
        batches: Batches,
        *,
        validation_data: Batches,
        initial_epoch: int,
        epochs: int,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> None:
        """Do what ``keras.Model.fit`` does, with the model mirrored over all workers.

        The model ends at its logits and was compiled within the strategy's scope, with a
        ``SourceLoss``. ``batches`` are this worker's part of each batch; all workers have as many,
        of equal sizes. ``validation_data`` are all validation examples, in order, the same on every
        worker. The logs that callbacks get are the means over all workers.
        """
        step = self._training_step(model)
        chain = keras.callbacks.CallbackList(
            list(callbacks), model=model, epochs=epochs, steps=len(batches), verbose=0
        )
        model.stop_training = False
        chain.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            chain.on_epoch_begin(epoch)
            sums = np.zeros(3)
            for index in range(len(batches)):
                chain.on_train_batch_begin(index)
                batch = tf.nest.map_structure(tf.constant, batches[index])
                sums += np.asarray(step(*batch))
                logs = {"loss": sums[0] / sums[2], "accuracy": sums[1] / sums[2]}
                chain.on_train_batch_end(index, logs)
            batches.on_epoch_end()
            # The workers' processors may round differently: all go by the same figures.
            val_loss, val_accuracy = map(self._mean, _validate(model, validation_data))
            logs |= {"val_loss": val_loss, "val_accuracy": val_accuracy}
            chain.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        chain.on_train_end()

    def _training_step(self, model: keras.Model) -> Any:
        count, strategy = self.count, self.strategy

        def local(images: Any, labels: Any, weights: Any) -> Any:
            examples = tf.cast(tf.shape(labels)[0], tf.float32)
            with tf.GradientTape() as tape:
                logits = model(images, training=True)
                losses = model.loss.call(labels, logits) * weights
                loss = tf.reduce_sum(losses) / (examples * count)
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            hits = right_within(labels, logits)
            return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(hits), examples])

        @tf.function  # type: ignore[untyped-decorator]
        def step(images: Any, labels: Any, weights: Any) -> Any:
            sums = strategy.run(local, args=(images, labels, weights))
            return strategy.reduce(tf.distribute.ReduceOp.SUM, sums, axis=None)

        return step

    def _mean(self, figure: float) -> float:
        @tf.function  # type: ignore[untyped-decorator]
        def mean(value: Any) -> Any:
            local = self.strategy.run(tf.identity, args=(value,))
            return self.strategy.reduce(tf.distribute.ReduceOp.MEAN, local, axis=None)

        return float(mean(tf.constant(figure, tf.float64)))


def connect() -> Workers:
    """Join the cluster that the environment variable ``TF_CONFIG`` describes.

    Blocks until all workers are there. It has to come before anything else of TensorFlow.

    Raises:
        ClusterError: There is no ``TF_CONFIG``, or it doesn't describe this worker.
    """
    try:
        config = json.loads(os.environ["TF_CONFIG"])
        count = len(config["cluster"]["worker"])
        index = int(config["task"]["index"])
    except KeyError as error:
        cause = f"it has no {error}" if "TF_CONFIG" in os.environ else "it isn't set"
        raise ClusterError(cause) from error
    except (ValueError, TypeError) as error:
        raise ClusterError("it can't be read as a JSON object with a cluster and a task") from error
    if config["task"].get("type") != "worker" or not 0 <= index < count:
        raise ClusterError(f"its task isn't one of its {count} workers")
    return Workers(tf.distribute.MultiWorkerMirroredStrategy(), index, count)


def _validate(model: keras.Model, validation: Batches) -> tuple[float, float]:
    """Compute loss and accuracy over all validation examples."""
    run = inference(model)
    parts = [validation[index] for index in range(len(validation))]
    logits = np.concatenate([run(inputs) for inputs, _, _ in parts])
    labels, weights = (np.concatenate([part[at] for part in parts]) for at in (1, 2))
    hits = np.asarray(right_within(labels, logits))
    return float(model.loss(labels, logits, sample_weight=weights)), float(hits.mean())
