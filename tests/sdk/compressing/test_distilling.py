"""The teacher's loss is Hinton's formula, and makes a student better."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from torch import nn

from edgekit.compressing import CompressionError, CompressionRecipe, compress
from edgekit.compressing.distilling import TeacherLoss


def test_it_is_the_formula():
    generator = np.random.default_rng(0)
    teacher = nn.Linear(4, 3).double()
    x, scores = generator.normal(size=(6, 4)), generator.normal(size=(6, 3))
    y = generator.integers(0, 3, 6)
    wanted = x @ teacher.weight.detach().numpy().T + teacher.bias.detach().numpy()
    heat, hard = 2.5, 0.3
    soft = softmax(wanted / heat, 1)
    divergence = (soft * (np.log(soft) - log_softmax(scores / heat, 1))).sum(1).mean()
    entropy = -log_softmax(scores, 1)[np.arange(6), y].mean()
    expected = (1 - hard) * heat**2 * divergence + hard * entropy

    recipe = CompressionRecipe("distill", temperature=heat, hard_share=hard)
    loss = TeacherLoss(teacher, recipe)(*map(torch.from_numpy, (scores, y, x)))
    assert float(loss) == pytest.approx(expected, rel=1e-12)


def test_a_student_learns_from_its_teacher(digits, trained, make_net):
    recipe = CompressionRecipe("distill", epochs=3, rate=1e-2)
    done = compress(make_net(1, width=4), recipe, data=digits, teacher=trained)
    report = done.report
    assert report.losses[-1] < report.losses[0] / 2
    assert report.accuracy_after > report.accuracy_before + 30
    assert {layer.nonzero / layer.weights for layer in report.layers} == {1.0}


def test_without_labels_the_teacher_alone_decides(digits, trained, make_net):
    recipe = CompressionRecipe("distill", epochs=1, rate=1e-2, hard_share=0.0)
    students = [
        compress(make_net(1), recipe, data=(digits[0], y), teacher=trained).module
        for y in (digits[1], 9 - digits[1])
    ]
    one, other = (dict(student.named_parameters()) for student in students)
    assert all(torch.equal(values, other[name]) for name, values in one.items())


def test_a_teacher_stays_as_it_is_and_may_be_the_original(digits, trained):
    before = {name: values.clone() for name, values in trained.state_dict().items()}
    recipe = CompressionRecipe("magnitude", sparsity=0.5, epochs=1)
    compress(trained, recipe, data=digits, teacher=trained)
    assert all(torch.equal(values, before[name]) for name, values in trained.state_dict().items())


def test_a_teacher_of_other_classes_is_refused(digits, trained):
    teacher = nn.Sequential(nn.Flatten(), nn.Linear(64, 7))
    with pytest.raises(CompressionError, match="the teacher gives 7 scores, the module 10"):
        compress(trained, "distill", data=digits, teacher=teacher)


def test_a_teacher_of_other_samples_is_refused(digits, trained):
    with pytest.raises(CompressionError, match="the teacher cannot be run on"):
        compress(trained, "distill", data=digits, teacher=nn.Linear(3, 10))
