"""Distillation: a loss that makes a module answer as its teacher does."""

from typing import TYPE_CHECKING

from edgekit.compressing.data import scores_of
from edgekit.compressing.errors import CompressionError
from edgekit.compressing.recipe import CompressionRecipe

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["TeacherLoss"]

_TEMPERATURE = 4.0
_HARD_SHARE = 0.5


class TeacherLoss:
    """Divergence from a teacher's softened scores, and cross-entropy with the labels.

    Formula: ``(1 - h) T^2 KL(softmax(t / T) || softmax(s / T)) + h CE(s, y)`` with the student's
    scores s, the teacher's t, the temperature T and the labels' share h. T^2 keeps the size of
    the gradients: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015,
    section 2.

    Args:
        teacher: Gives scores of the same shape; it is not trained.
        recipe: Temperature and the labels' share.
    """

    def __init__(self, teacher: "nn.Module", recipe: CompressionRecipe) -> None:
        self._teacher = teacher
        self._temperature = recipe.temperature or _TEMPERATURE
        self._hard = _HARD_SHARE if recipe.hard_share is None else recipe.hard_share

    def __call__(self, scores: "Tensor", y: "Tensor", x: "Tensor") -> "Tensor":
        """Return the loss of a batch: its scores, classes and samples.

        Raises:
            CompressionError: The teacher gives scores of another shape.
        """
        from torch.nn.functional import cross_entropy, kl_div, log_softmax

        wanted = scores_of(self._teacher, x, name="the teacher")
        if wanted.shape != scores.shape:
            raise CompressionError(
                f"the teacher gives {wanted.shape[1]} scores, the module {scores.shape[1]}",
                hint="teacher and module have to tell the same classes apart",
            )
        heat = self._temperature
        soft = kl_div(
            log_softmax(scores / heat, 1),
            log_softmax(wanted / heat, 1),
            reduction="batchmean",
            log_target=True,
        )
        return (1 - self._hard) * heat**2 * soft + self._hard * cross_entropy(scores, y)
