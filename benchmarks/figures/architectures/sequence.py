"""Families of transformers for tokens and sound, by their configurations, with random weights."""

import numpy as np
import numpy.typing as npt
import torch
import transformers
from torch import nn

from architectures.built import Built, Make, Picked, tokens, waves
from architectures.signals import series

__all__ = ["FAMILIES"]

WORDS = 200
LENGTH = 24
DENSE = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
DECODER = {**DENSE, "intermediate_size": 128, "vocab_size": WORDS, "max_position_embeddings": 64}
ENCODER = {**DECODER, "type_vocab_size": 2}


WORDED = tokens(LENGTH, WORDS)


def padded(generator: np.random.Generator) -> tuple[npt.NDArray[np.int64], ...]:
    """Draw token ids, and a mask that is 0 behind the last token."""
    (ids,) = WORDED(generator)
    valid = np.arange(LENGTH)[None] < generator.integers(LENGTH // 2, LENGTH + 1)
    return np.where(valid, ids, 0), valid.astype(np.int64)


def worded(model: nn.Module, mask: bool = False) -> Built:
    """Return a model on token ids, with a padding mask as an input or without."""
    model.config.use_cache = False
    if mask:
        return Built.of(Picked(model, ("input_ids", "attention_mask")), padded)
    return Built.of(Picked(model, ("input_ids",)), WORDED)


def spread(model: nn.Module, factor: float = 4.0) -> nn.Module:
    """Scale the matrices up: at the initial 0.02 attention is uniform, and layers hardly count."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.Linear | transformers.pytorch_utils.Conv1D):
                module.weight.mul_(factor)
        for name, values in model.named_parameters():
            if not values.any() and not name.endswith("bias"):  # tokens and places start as zeros
                values.normal_(std=0.5)
    return model


def bert(mask: bool = False) -> Built:
    """BERT for sequence classification; with a padding mask as an input or without."""
    model = spread(transformers.BertForSequenceClassification(transformers.BertConfig(**ENCODER)))
    return worded(model, mask)


def distilbert() -> Built:
    """DistilBERT's masked language model."""
    config = transformers.DistilBertConfig(
        vocab_size=WORDS, dim=64, n_layers=2, n_heads=4, hidden_dim=128, max_position_embeddings=64
    )
    return worded(spread(transformers.DistilBertForMaskedLM(config)))


def mobilebert() -> Built:
    """MobileBERT for sequence classification: bottlenecks and norms without statistics."""
    config = transformers.MobileBertConfig(
        **ENCODER, embedding_size=32, intra_bottleneck_size=32, num_feedforward_networks=2
    )
    return worded(spread(transformers.MobileBertForSequenceClassification(config), 8.0))


def albert() -> Built:
    """ALBERT for sequence classification: one layer twice."""
    config = transformers.AlbertConfig(**ENCODER, embedding_size=32)
    return worded(spread(transformers.AlbertForSequenceClassification(config)))


def gpt2(mask: bool = False) -> Built:
    """GPT-2's language model; with a padding mask as an input or without."""
    config = transformers.GPT2Config(
        vocab_size=WORDS, n_positions=64, n_embd=64, n_layer=2, n_head=4
    )
    return worded(spread(transformers.GPT2LMHeadModel(config)), mask)


def llama() -> Built:
    """Llama's language model: RMSNorm, rotary embedding, shared heads, SwiGLU."""
    config = transformers.LlamaConfig(**DECODER, num_key_value_heads=2)
    return worded(spread(transformers.LlamaForCausalLM(config)))


def phi() -> Built:
    """Phi's language model: partly rotary, attention beside the dense layers."""
    config = transformers.PhiConfig(**DECODER)
    return worded(spread(transformers.PhiForCausalLM(config)))


class Experts(nn.Module):
    """A Mixtral-like block: the two best of four experts, weighted; all of them computed."""

    def __init__(self, size: int = 64, experts: int = 4) -> None:
        super().__init__()
        self.norm, self.router = nn.RMSNorm(size), nn.Linear(size, experts, bias=False)
        self.gate = nn.Parameter(torch.randn(experts, size, 2 * size) / size**0.5)
        self.up = nn.Parameter(torch.randn(experts, size, 2 * size) / size**0.5)
        self.down = nn.Parameter(torch.randn(experts, 2 * size, size) / size**0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``[n, tokens, size]`` with the experts' answers added."""
        normed = self.norm(x)
        weights, chosen = self.router(normed).softmax(-1).topk(2, -1)
        weights = weights / weights.sum(-1, keepdim=True)
        places = nn.functional.one_hot(chosen, self.gate.shape[0]).to(x.dtype)
        share = (places * weights.unsqueeze(-1)).sum(-2)
        wide = torch.einsum("btd,edf->btef", normed, self.gate)
        wide = nn.functional.silu(wide) * torch.einsum("btd,edf->btef", normed, self.up)
        answers = torch.einsum("btef,efd->bted", wide, self.down)
        return x + (answers * share.unsqueeze(-1)).sum(-2)


def mixtral() -> Built:
    """An embedding, two Mixtral-like blocks, a head."""
    module = nn.Sequential(
        nn.Embedding(WORDS, 64), Experts(), Experts(), nn.RMSNorm(64), nn.Linear(64, WORDS)
    )
    return Built.of(module, WORDED)


def wav2vec2() -> Built:
    """Wav2Vec2 for speech recognition: convolutions over the wave, then an encoder."""
    config = transformers.Wav2Vec2Config(
        **DENSE,
        intermediate_size=128,
        vocab_size=32,
        conv_dim=(32, 32, 32),
        conv_stride=(5, 4, 4),
        conv_kernel=(10, 8, 4),
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
    )
    model = spread(transformers.Wav2Vec2ForCTC(config))
    return Built.of(Picked(model, ("input_values",)), waves(2000))


def whisper() -> Built:
    """Whisper's encoder over a log-mel spectrogram."""
    config = transformers.WhisperConfig(
        d_model=64,
        encoder_layers=2,
        encoder_attention_heads=4,
        encoder_ffn_dim=128,
        max_source_positions=50,
        num_mel_bins=40,
    )
    model = spread(transformers.models.whisper.modeling_whisper.WhisperEncoder(config))
    picked = Picked(model, ("input_features",), ("last_hidden_state",))
    return Built.of(picked, series(40, 100))


def spectrogram_transformer() -> Built:
    """AST: a vision transformer over overlapping patches of a spectrogram."""
    config = transformers.ASTConfig(
        **DENSE, intermediate_size=128, max_length=64, num_mel_bins=48, num_labels=10
    )
    model = spread(transformers.ASTForAudioClassification(config))
    return Built.of(Picked(model, ("input_values",)), series(48, 64, last=False))


FAMILIES: dict[str, Make] = {
    "bert": bert,
    "bert-padded": lambda: bert(mask=True),
    "distilbert": distilbert,
    "mobilebert": mobilebert,
    "albert": albert,
    "gpt-2": gpt2,
    "gpt-2-padded": lambda: gpt2(mask=True),
    "llama-like": llama,
    "phi-like": phi,
    "mixtral-like": mixtral,
    "wav2vec2": wav2vec2,
    "whisper-encoder": whisper,
    "ast": spectrogram_transformer,
}
