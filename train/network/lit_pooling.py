"""Weigh the cells of the last convolution by how much of the eye each one shows."""

from typing import Any

from keras import ops

#: Photos that are lit on less than this share are pooled as if it were this much, so that a black
#: one has features of zero rather than none.
LEAST_LIT = 0.05


def lit_weights(image: Any, cells: tuple[int, int]) -> Any:
    """Say by how much each cell is multiplied before the global pooling.

    In the round field everything that isn't lit retina is exactly black: the corners in every
    photo, and what a camera, a lid or a crop cut off in some. A plain mean over the cells lets what
    the network computes there speak as loudly as the macula. By these weights the pooling is the
    mean over the lit field of the photo, and no evidence can lie in a cell that is black.

    Args:
        image: (N, height, width, 3), 0..255, a tensor of Keras' backend or of a model under
            construction.
        cells: (h, w) of the last convolution. The cells are of equal size; where they don't divide
            a side evenly, the last ones reach beyond it.

    Returns:
        (N, h, w): the share of each cell that is lit, scaled to a mean of 1.
    """
    rows, columns = cells
    height, width = image.shape[1:3]
    tall, wide = -(-height // rows), -(-width // columns)
    # 1 from the first grey level on. Written as a ReLU, and not as a minimum, whose input an
    # integer TFLite model would give the range of its output: the network would see no grey levels.
    lit = 1.0 - ops.relu(1.0 - ops.max(image, axis=-1))
    beyond = (rows * tall - height, columns * wide - width)
    if any(beyond):
        lit = ops.pad(lit, ((0, 0), (0, beyond[0]), (0, beyond[1])))
    shares = ops.mean(ops.reshape(lit, (-1, rows, tall, columns, wide)), axis=(2, 4))
    return shares / ops.maximum(ops.mean(shares, axis=(1, 2), keepdims=True), LEAST_LIT)
