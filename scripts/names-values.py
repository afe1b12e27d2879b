#!/usr/bin/env python3
"""Writes what PyTorch makes of the functions in Documentation/Names.md, for Tests/NamesTests to hold Descent against.

    scripts/names-values.py > Tests/NamesTests/values.txt

Needs PyTorch 2.9 or newer. Each line is a name of the table's PyTorch column, the shape of one result, and its numbers;
a name with several results has several lines. The operands follow formulas that the tests repeat. Images and weights are
turned to PyTorch's order of axes, channels first, and results are turned back.
"""

import math
import warnings

import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
inf, nan = math.inf, math.nan


def integers(*sizes, seed=0):
    """Whole numbers from -9 to 9 that repeat after 19."""
    count = math.prod(sizes)
    return torch.tensor([(i + 5 * seed) * 7 % 19 - 9 for i in range(count)]).reshape(sizes)


def numbers(*sizes, seed=0):
    """Quarters from -2.25 to 2.25, some of them equal."""
    return integers(*sizes, seed=seed) / 4


def positive(*sizes, seed=0):
    return numbers(*sizes, seed=seed).abs() + 0.25


def unit(*sizes, seed=0):
    """Numbers between -0.9 and 0.9."""
    return numbers(*sizes, seed=seed) / 2.5


def symmetric(n):
    """A symmetric positive definite matrix."""
    a = numbers(n, n)
    return a @ a.T + n * torch.eye(n)


def first(x):
    """Channels before the spatial axes."""
    return x.movedim(-1, 1)


def last(x):
    """Channels after the spatial axes."""
    return x.movedim(1, -1)


def kernel(w):
    """[spatial…, inputs, outputs] as [outputs, inputs, spatial…]."""
    return w.movedim(-1, 0).movedim(-1, 1)


def parts(z):
    return [z.real, z.imag]


table = {}


def row(name, *results):
    table[name] = [torch.as_tensor(r) for result in results for r in (result if isinstance(result, (list, tuple)) else [result])]


x, y, p, u = numbers(3, 4), numbers(3, 4, seed=2), positive(3, 4), unit(3, 4)
v, w = numbers(7), numbers(5, seed=1)
a, b = integers(3, 4), integers(3, 4, seed=3)
odd = torch.tensor([nan, inf, -inf, -2.5, -0.5, 0.5, 1.5, 3.0])

# Creation
row("tensor", x)
row("zeros", torch.zeros(2, 3))
row("ones", torch.ones(2, 3))
row("full", torch.full((2, 3), 1.5))
row("zeros_like", torch.zeros_like(x))
row("ones_like", torch.ones_like(x))
row("full_like", torch.full_like(x, 2.5))
row("arange", torch.arange(5), torch.arange(1, 4, 0.75))
row("linspace", torch.linspace(-1, 2, 5))
row("eye", torch.eye(3), torch.eye(2, 4))
row("diag_embed", torch.diag_embed(w), torch.diag_embed(w, offset=-1))
row("meshgrid", torch.meshgrid(v[:2], w[:3], indexing="ij"))
row("F.one_hot", F.one_hot(torch.tensor([2, 0, 1]), 4))
row("to", (10 * x).to(torch.int32))
row("view", torch.tensor([1.5, -2.0], dtype=torch.float32).view(torch.int32))

# Elementwise
row("+", x + y)
row("-", x - y)
row("*", x * y)
row("/", x / p)
row("abs", x.abs())
row("sign", x.sign())
row("signbit", torch.signbit(x))
row("copysign", torch.copysign(x, y))
row("square", x.square())
row("sqrt", p.sqrt())
row("rsqrt", p.rsqrt())
row("pow", p**y, x**3)
row("hypot", torch.hypot(x, y))
for name in ["exp", "exp2", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asinh", "atan", "erf", "erfc", "sinc"]:
    row(name, getattr(torch, name)(x))
for name in ["log", "log2", "log10", "log1p", "lgamma", "digamma", "reciprocal"]:
    row(name, getattr(torch, name)(p))
for name in ["asin", "acos", "atanh", "erfinv"]:
    row(name, getattr(torch, name)(u))
row("acosh", torch.acosh(p + 1))
row("polygamma", torch.polygamma(2, p))
row("logaddexp", torch.logaddexp(x, y))
row("logaddexp2", torch.logaddexp2(x, y))
row("atan2", torch.atan2(x, y))
row("rad2deg", torch.rad2deg(x))
row("deg2rad", torch.deg2rad(x))
for name in ["floor", "ceil", "trunc", "round", "frac"]:
    row(name, getattr(torch, name)(2 * x), *([] if name == "frac" else [getattr(torch, name)(a)]))
row("fmax", torch.fmax(odd, odd.flip(0)))
row("fmin", torch.fmin(odd, odd.flip(0)))
row("heaviside", torch.heaviside(x.round(), y), torch.heaviside(odd[1:], odd.flip(0)[1:]))
row("lerp", torch.lerp(x, y, p), torch.lerp(x, y, 0.25))
S = torch.special
row("special.erfcx", S.erfcx(2 * x), S.erfcx(torch.tensor([30.0, 0.0, inf])))
row("special.ndtr", S.ndtr(2 * x))
row("special.log_ndtr", S.log_ndtr(6 * x))
row("special.ndtri", S.ndtri((u + 1) / 2), S.ndtri(torch.tensor([0.0, 1e-30, 1e-3, 1.0, 2.0])))
row("special.entr", S.entr(x))
row("special.xlog1py", S.xlog1py(x, p), S.xlog1py(torch.zeros(2), torch.tensor([-1.0, nan])))
row("floor_divide", torch.floor_divide(x, p), torch.floor_divide(a, 4))
row("remainder", torch.remainder(x, y - 0.1), torch.remainder(a, 4), torch.remainder(a, -4))
row("fmod", torch.fmod(x, y - 0.1), torch.fmod(a, 4), torch.fmod(a, -4))
row("maximum", torch.maximum(x, y))
row("minimum", torch.minimum(x, y))
row("clamp", x.clamp(-0.75, 1.25))
row("nan_to_num", torch.nan_to_num(odd), torch.nan_to_num(odd, nan=1, posinf=2, neginf=3))
row("logit", torch.logit((u + 1) / 2))
row("nextafter", torch.nextafter(x, y))
row("xlogy", torch.xlogy(x, p), torch.xlogy(torch.zeros(2), torch.tensor([0.0, nan])))
row("bitwise_and", a & b)
row("bitwise_or", a | b)
row("bitwise_xor", a ^ b)
row("bitwise_not", ~a)
row("<<", a << 3)
row(">>", a >> 2)

# Activations
for name in ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "logsigmoid", "softplus", "softsign",
             "hardtanh", "hardsigmoid", "hardswish", "hardshrink", "softshrink", "tanhshrink"]:
    row("F." + name, getattr(F, name)(4 * x))
row("F.leaky_relu", *table["F.leaky_relu"], F.leaky_relu(x, 0.3))
row("F.prelu", F.prelu(x, torch.tensor([0.1, 0.2, 0.3, 0.4])))
row("F.elu", *table["F.elu"], F.elu(x, 0.5))
row("F.celu", *table["F.celu"], F.celu(x, 0.5))
row("F.gelu", *table["F.gelu"], F.gelu(x, approximate="tanh"))
row("sigmoid", torch.sigmoid(x))
row("F.softmax", F.softmax(x, -1), F.softmax(x, 0))
row("F.log_softmax", F.log_softmax(x, -1), F.log_softmax(x, 0))
row("F.softmin", F.softmin(x, -1), F.softmin(x, 0))
row("F.hardtanh", *table["F.hardtanh"], F.hardtanh(x, -0.5, 0.75))
row("F.hardshrink", *table["F.hardshrink"], F.hardshrink(x, 1))
row("F.softshrink", *table["F.softshrink"], F.softshrink(x, 1))
row("F.threshold", F.threshold(x, 0.5, -7))
row("F.glu", F.glu(x), F.glu(x.T, 0))

# Comparison and choice
row("==", x == y.flip(0))
row("!=", x != y.flip(0))
row("<", x < y)
row("<=", x <= y)
row(">", x > y)
row(">=", x >= y)
row("&", (x > 0) & (y > 0))
row("|", (x > 0) | (y > 0))
row("~", ~(x > 0))
row("logical_xor", torch.logical_xor(x > 0, y > 0), torch.logical_xor(a, b))
row("logical_and", torch.logical_and(a, b), torch.logical_and(odd, odd.floor()))
row("logical_or", torch.logical_or(a, b))
row("logical_not", torch.logical_not(a), torch.logical_not(odd))
row("isposinf", torch.isposinf(odd))
row("isneginf", torch.isneginf(odd))
row("where", torch.where(x > 0, x, y))
row("isclose", torch.isclose(x, x * (1 + 1.5e-5)), torch.isclose(x, x + 1e-9), torch.isclose(odd, odd, equal_nan=True))
row("allclose", torch.tensor(torch.allclose(x, x + 1e-9)), torch.tensor(torch.allclose(odd, odd)))
row("isin", torch.isin(a, torch.tensor([-3, 0, 4])))
row("isnan", torch.isnan(odd))
row("isinf", torch.isinf(odd))
row("isfinite", torch.isfinite(odd))
row("all", (x > -2).all(), (x > -2).all(0))
row("any", (x > 2).any(), (x > 2).any(1, keepdim=True))

# Shape
row("reshape", x.reshape(2, -1))
row("flatten", numbers(2, 3, 4).flatten(), numbers(2, 3, 4).flatten(1))
row("permute", numbers(2, 3, 4).permute(2, 0, 1))
row("swapaxes", numbers(2, 3, 4).swapaxes(0, 2))
row("movedim", numbers(2, 3, 4).movedim(0, 2), numbers(2, 3, 4).movedim((0, 2), (1, 0)))
row("rot90", x.rot90(), x.rot90(2), x.rot90(-1), numbers(2, 3, 4).rot90(1, (1, 2)))
row("unflatten", x.unflatten(1, (2, 2)))
row("hstack", torch.hstack([x, y]))
row("vstack", torch.vstack([x, y]))
row("dstack", torch.dstack([x, y]))
row("unsqueeze", x.unsqueeze(1))
row("squeeze", numbers(1, 3, 1, 2).squeeze(), numbers(1, 3, 1, 2).squeeze(2))
row("broadcast_to", w.broadcast_to(2, 5))
row("broadcast_tensors", torch.broadcast_tensors(w, numbers(3, 1)))
row("cat", torch.cat([x, y]), torch.cat([x, y], 1))
row("stack", torch.stack([x, y]), torch.stack([x, y], -1))
row("unbind", x.unbind(), x.unbind(1))
row("split", v.split([2, 4, 1]))
row("chunk", v.chunk(3))
row("tile", x.tile(2), x.tile(2, 1))
row("repeat_interleave", x.repeat_interleave(2, -1), x.repeat_interleave(2, 0),
    x.repeat_interleave(torch.tensor([2, 0, 3]), 0))
row("flip", x.flip(0, 1), x.flip(1))
row("roll", x.roll(1, -1), x.roll(-2, 0))
row("F.pad", F.pad(x, (1, 2), value=0.5), F.pad(x[None], (2, 1), mode="reflect")[0], F.pad(x[None], (2, 1), mode="replicate")[0],
    F.pad(x[None], (2, 1), mode="circular")[0])
row("F.pixel_shuffle", last(F.pixel_shuffle(first(numbers(1, 2, 3, 8)), 2)))
row("F.pixel_unshuffle", last(F.pixel_unshuffle(first(numbers(1, 4, 6, 2)), 2)))
image = numbers(2, 3, 5, 2)
row("F.interpolate", last(F.interpolate(first(image), (5, 7), mode="nearest")), last(F.interpolate(first(image), (5, 7), mode="bilinear")),
    last(F.interpolate(first(image), (2, 3), mode="bilinear")), last(F.interpolate(first(image), (5, 7), mode="nearest-exact")),
    last(F.interpolate(first(image), (5, 7), mode="bicubic")), last(F.interpolate(first(image), (2, 3), mode="bicubic")),
    last(F.interpolate(first(image), (5, 7), mode="bilinear", align_corners=True)),
    last(F.interpolate(first(image), (2, 1), mode="bicubic", align_corners=True)),
    last(F.interpolate(first(image), (2, 3), mode="bilinear", antialias=True)),
    last(F.interpolate(first(image), (1, 2), mode="bicubic", antialias=True)),
    last(F.interpolate(first(image), (4, 3), mode="bicubic", antialias=True)))
row("tril", x.tril(), x.tril(1))
row("triu", x.triu(), x.triu(-1))
row("diagonal", x.diagonal(), x.diagonal(1), x.diagonal(-1))
row("trace", x.trace())

# Indexing
row("x[0, 1:3]", x[0, 1:3])
row("x[1:-1]", v[1:-1])
row("x[:, ::2]", x[:, ::2])
row("x[..., None]", x[..., None])
masked = x.clone()
masked[x > 1] = -5
row("x[mask] = v", masked)
places = torch.tensor([2, 0, 2])
row("index_select", x.index_select(0, places), x.index_select(1, places))
row("F.embedding", F.embedding(places, x))
along = torch.tensor([[0, 2, 1, 1], [1, 1, 0, 2]])
row("gather", x.gather(0, along))
row("take_along_dim", torch.take_along_dim(x, along.T[:3], 1))
row("scatter", x.scatter(0, torch.tensor([[0, 2, 1, 1], [1, 0, 0, 2]]), y[:2]))
row("scatter_add", x.scatter_add(0, along, y[:2]))
row("scatter_reduce", x.scatter_reduce(0, along, y[:2], "amax"), x.scatter_reduce(0, along, y[:2], "amin"),
    x.scatter_reduce(0, along, y[:2], "prod"), x.scatter_reduce(0, along, y[:2], "mean"),
    x.scatter_reduce(0, along, y[:2], "mean", include_self=False))
row("index_add", x.index_add(0, places, y))
row("index_reduce", x.index_reduce(0, places, y, "mean"), x.index_reduce(0, places, y, "mean", include_self=False))
row("index_copy", x.index_copy(0, torch.tensor([2, 0]), y[:2]))
row("index_put", x.index_put((torch.tensor([2, 0, 2]), torch.tensor([1, 3, 1])), w[:3], accumulate=True))
row("narrow", x.narrow(1, 1, 2))
row("slice_scatter", x.slice_scatter(y[:2], 0, 1, 3))
row("masked_select", x.masked_select(x > 1))
row("nonzero", (x > 1).nonzero())
row("argwhere", torch.argwhere(x > 1))

# Order
tied = torch.tensor([2.0, -1, 2, 0, -1, 3, 2])
row("sort", x.sort().values, x.sort(0, descending=True).values)
row("argsort", tied.argsort(stable=True), tied.argsort(descending=True, stable=True))
row("topk", x.topk(2).values, x.topk(2).indices, x.topk(2, largest=False).values)
row("argmax", x.argmax(-1), x.argmax(0), x.argmax())
row("argmin", x.argmin(-1), x.argmin(0), x.argmin())
row("searchsorted", torch.searchsorted(tied.sort().values, odd[3:]), torch.searchsorted(tied.sort().values, tied, right=True),
    torch.searchsorted(x.sort().values, numbers(3, 2, seed=1)))
row("unique", torch.unique(tied, return_inverse=True, return_counts=True))

# Reductions and statistics
three = numbers(2, 3, 4)
for name in ["sum", "prod", "mean", "amax", "amin"]:
    row(name, getattr(three, name)(), getattr(three, name)(1), getattr(three, name)(-1, keepdim=True))
row("prod", (three + 0.1).prod(), (three + 0.1).prod(1))
row("var", three.var(), three.var(0), three.var((0, 2), correction=0))
row("std", three.std(), three.std(0), three.std((0, 2), correction=0))
holes = torch.tensor([[1.0, nan, 3], [nan, 0.5, -2]])
row("nansum", holes.nansum(), holes.nansum(1))
row("nanmean", holes.nanmean(), holes.nanmean(1))
row("quantile(0.5)", x.quantile(0.5), x.quantile(0.5, dim=0))
row("quantile", x.quantile(0.3), x.quantile(0.3, dim=1, keepdim=True), x.quantile(torch.tensor([0.1, 0.75]), dim=1),
    *[x.quantile(0.45, dim=1, interpolation=kind) for kind in ["lower", "higher", "nearest", "midpoint"]])
gaps = torch.where(x > 1, nan, x)
row("nanquantile", gaps.nanquantile(0.3), gaps.nanquantile(0.3, dim=0), gaps.nanquantile(0.4, dim=1, interpolation="higher"))
row("count_nonzero", x.count_nonzero(), x.count_nonzero(1))
norm = torch.linalg.vector_norm
row("linalg.vector_norm", norm(x), norm(x, 1), norm(x, inf), norm(x, 0, dim=1), norm(x, 3, dim=0, keepdim=True),
    norm(x, -inf), norm(p, -1.5, dim=1), norm(x, -2, dim=0))
row("F.normalize", F.normalize(x), F.normalize(x, p=1, dim=0))
row("logsumexp", x.logsumexp(-1), three.logsumexp((0, 2), keepdim=True))
row("cov", torch.cov(x), torch.cov(x, correction=0))
row("corrcoef", torch.corrcoef(x))
row("histogram", list(torch.histogram(x, 4, range=(-2.0, 2.0))))
row("bincount", torch.bincount(a.flatten().abs(), minlength=10), torch.bincount(a.flatten().abs(), p.flatten(), minlength=10))
row("diff", x.diff(), x.diff(2), x.diff(dim=0))
row("trapezoid", torch.trapezoid(x), torch.trapezoid(x, dx=0.5, dim=0), torch.trapezoid(x, torch.tensor([0.0, 1, 3, 3.5])),
    torch.trapezoid(x, p.cumsum(1)))
row("cumulative_trapezoid", torch.cumulative_trapezoid(x), torch.cumulative_trapezoid(x, dx=0.5, dim=0),
    torch.cumulative_trapezoid(x, p.cumsum(1)))
row("F.pdist", F.pdist(x), F.pdist(x, 1.0))
row("cdist", torch.cdist(x, numbers(2, 4, seed=1)), torch.cdist(x, numbers(2, 4, seed=1), p=1.0))
row("F.cosine_similarity", F.cosine_similarity(x, y), F.cosine_similarity(x, y, dim=0))

# Cumulative
for name in ["cumsum", "cumprod", "logcumsumexp"]:
    row(name, getattr(x, name)(-1), getattr(x, name)(0))
for name in ["cummax", "cummin"]:
    row(name, getattr(x, name)(-1).values, getattr(x, name)(0).values)

# Products and einsum
row("matmul", x @ y.T, numbers(2, 3, 4) @ numbers(4), numbers(3) @ numbers(2, 3, 4), w @ w)
row("@", x @ y.T)
row("einsum", torch.einsum("ij,kj->ik", x, y), torch.einsum("ij,ij->j", x, y), torch.einsum("ii->i", symmetric(3)))
row("tensordot", torch.tensordot(three, numbers(3, 4, 2), 2), torch.tensordot(three, numbers(3, 2), ([1, 0], [0, 1])))
row("inner", torch.inner(w, w.flip(0)), torch.inner(x, y))
row("outer", torch.outer(v, w))
row("kron", torch.kron(x[:2, :2], y[:2, :3]))
row("linalg.vecdot", torch.linalg.vecdot(x, y), torch.linalg.vecdot(x, y, dim=0))
row("linalg.cross", torch.linalg.cross(x[:, :3], y[:, :3]), torch.linalg.cross(x, y, dim=0))
row("linalg.multi_dot", torch.linalg.multi_dot([x, y.T, numbers(3, 2)]))

# Linear algebra
L = torch.linalg
s, m = symmetric(4), numbers(4, 4) + 3 * torch.eye(4)
row("linalg.cholesky", L.cholesky(s))
row("cholesky_solve", torch.cholesky_solve(y.T[:, :2], L.cholesky(s)), torch.cholesky_solve(y.T, L.cholesky(s).T, upper=True))
row("cholesky_inverse", torch.cholesky_inverse(L.cholesky(s)))
q, r = L.qr(x.T)
turn = torch.diag(r.diagonal().sign())
row("linalg.qr", q @ turn, turn @ r)
P, low, up = L.lu(m)
row("linalg.lu", P.argmax(0), low, up)
U, S, Vh = L.svd(x, full_matrices=False)
row("linalg.svd", S, U @ torch.diag(S) @ Vh)
row("linalg.svd(full_matrices=True)", L.svd(x)[1], torch.eye(4))
row("linalg.svdvals", L.svdvals(x))
E, V = L.eigh(s)
row("linalg.eigh", E, V @ torch.diag(E.sqrt()) @ V.T)
row("linalg.eigvalsh", L.eigvalsh(s))
row("linalg.solve", L.solve(m, y.T), L.solve(m, y[0]), L.solve(m, y, left=False))
row("linalg.solve_triangular", L.solve_triangular(m, y.T, upper=False), L.solve_triangular(m, y.T, upper=True),
    L.solve_triangular(m, y.T, upper=False, unitriangular=True), L.solve_triangular(m, y, upper=True, left=False))
row("linalg.lstsq", L.lstsq(x.T, numbers(4, 2)).solution)
row("linalg.inv", L.inv(m))
row("linalg.pinv", L.pinv(x))
row("linalg.det", L.det(m))
row("linalg.slogdet", list(L.slogdet(-m)))
row("linalg.matrix_norm", L.matrix_norm(x), L.matrix_norm(x, "nuc"), L.matrix_norm(x, 2), L.matrix_norm(x, 1), L.matrix_norm(x, inf),
    L.matrix_norm(x, -2), L.matrix_norm(x, -1), L.matrix_norm(x, -inf))
row("linalg.cond", L.cond(m), L.cond(m, 1), L.cond(m, "fro"), L.cond(m, -1))
row("linalg.matrix_rank", L.matrix_rank(x), L.matrix_rank(torch.outer(w, w)))
row("linalg.matrix_power", L.matrix_power(m, 3), L.matrix_power(m, -2), L.matrix_power(m, 0))
row("linalg.matrix_exp", L.matrix_exp(m))

# Fourier transforms
T, z = torch.fft, torch.complex(x, y)
row("fft.fft", parts(T.fft(z)), parts(T.fft(z, n=5, dim=0, norm="ortho")))
row("fft.ifft", parts(T.ifft(z)), parts(T.ifft(z, n=3, norm="forward")))
row("fft.rfft", parts(T.rfft(x)), parts(T.rfft(x, n=5, dim=0)))
row("fft.irfft", T.irfft(z), T.irfft(z, n=5))
row("fft.rfft2", parts(T.rfft2(x)))
row("fft.irfft2", T.irfft2(z), T.irfft2(z, s=(3, 5)))
row("fft.rfftn", parts(T.rfftn(numbers(2, 3, 4))), parts(T.rfftn(x, s=(2, 5), dim=(1, 0), norm="ortho")))
row("fft.irfftn", T.irfftn(z), T.irfftn(z, s=(5,), dim=(0,), norm="forward"))
row("fft.hfft", T.hfft(z), T.hfft(z, n=5, norm="ortho"))
row("fft.ihfft", parts(T.ihfft(x)), parts(T.ihfft(x, n=3, dim=0, norm="forward")))
row("fft.fft2", parts(T.fft2(z)))
row("fft.ifft2", parts(T.ifft2(z)))
row("fft.fftn", parts(T.fftn(z)), parts(T.fftn(z, s=(2,), dim=(0,))))
row("fft.ifftn", parts(T.ifftn(z)))
row("fft.fftfreq", T.fftfreq(5), T.fftfreq(4, 0.5))
row("fft.rfftfreq", T.rfftfreq(5), T.rfftfreq(4, 0.5))
row("fft.fftshift", T.fftshift(x), T.fftshift(x, dim=1))
row("fft.ifftshift", T.ifftshift(x), T.ifftshift(x, dim=0))
row("real", z.real)
row("imag", z.imag)
row("conj", parts(z.conj().resolve_conj()))

# Convolution and pooling
spatial = {1: (7,), 2: (5, 4), 3: (3, 3, 4)}
for n, sizes in spatial.items():
    convolution, transposed = getattr(F, f"conv{n}d"), getattr(F, f"conv_transpose{n}d")
    pool = {name: getattr(F, f"{name}{n}d") for name in ["max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool"]}
    image, weight = numbers(2, *sizes, 4), numbers(*[2] * n, 4, 2, seed=1)
    halves = numbers(*[2] * n, 2, 6, seed=1)
    row(f"F.conv{n}d", last(convolution(first(image), kernel(weight))),
        last(convolution(first(image), kernel(halves), stride=2, padding=1, dilation=2, groups=2)))
    # Weights [spatial…, filters, channels] are PyTorch's [channels, filters, spatial…].
    row(f"F.conv_transpose{n}d", last(transposed(first(numbers(1, *sizes, 2)), kernel(weight))),
        last(transposed(first(numbers(1, *sizes, 2)), kernel(weight), stride=3, padding=1, output_padding=2)))
    layer = getattr(nn, f"Conv{n}d")(4, 2, 2, stride=2)
    layer.weight.data, layer.bias.data = kernel(weight), torch.tensor([0.5, -1])
    row(f"nn.Conv{n}d", last(layer(first(image))))
    layer = getattr(nn, f"ConvTranspose{n}d")(2, 4, 2, stride=2)
    layer.weight.data, layer.bias.data = kernel(weight), torch.tensor([0.5, -1, 0, 2])
    row(f"nn.ConvTranspose{n}d", last(layer(first(numbers(1, *sizes, 2)))))
    row(f"F.max_pool{n}d", last(pool["max_pool"](first(image), 2)), last(pool["max_pool"](first(image), 3, 2, 1)),
        last(pool["max_pool"](first(image), 2, 2, ceil_mode=True)), last(pool["max_pool"](first(image), 2, 1, 1, 2)))
    row(f"F.avg_pool{n}d", last(pool["avg_pool"](first(image), 2)), last(pool["avg_pool"](first(image), 3, 2, 1)),
        last(pool["avg_pool"](first(image), 3, 2, 1, count_include_pad=False)),
        last(pool["avg_pool"](first(image), 3, 2, 1, ceil_mode=True)),
        last(pool["avg_pool"](first(image), 2, 2, 0, ceil_mode=True, count_include_pad=False)))
    row(f"F.adaptive_avg_pool{n}d", last(pool["adaptive_avg_pool"](first(image), 2)), last(pool["adaptive_avg_pool"](first(image), 1)),
        last(pool["adaptive_avg_pool"](first(image), 6)))
    row(f"F.adaptive_max_pool{n}d", last(pool["adaptive_max_pool"](first(image), 2)),
        last(pool["adaptive_max_pool"](first(image), 6)))


def patches(x):
    """[batch, channels · window, places] as [batch, places, window · channels], of two channels and 2 × 2 windows."""
    return x.movedim(1, -1).unflatten(-1, (2, 4)).transpose(-1, -2).flatten(-2)


image = numbers(1, 4, 5, 2)
unfolded = F.unfold(first(image), 2, padding=1, stride=2)
row("F.unfold", patches(unfolded).reshape(1, 3, 3, 8))
row("F.fold", last(F.fold(unfolded, (4, 5), 2, padding=1, stride=2)))
grid = unit(1, 3, 2, 2, seed=1) * 1.5
row("F.grid_sample", last(F.grid_sample(first(image), grid)), last(F.grid_sample(first(image), grid, padding_mode="border")),
    last(F.grid_sample(first(image), grid, mode="nearest")), last(F.grid_sample(first(image), grid, align_corners=True)),
    *(last(F.grid_sample(first(volume), place, **how)) for volume, place in [(numbers(1, 3, 2, 4, 2), unit(1, 2, 3, 2, 3, seed=1) * 1.5)]
      for how in [{}, {"padding_mode": "border"}, {"mode": "nearest"}, {"align_corners": True}]))

# Attention and normalization
query, key, value = numbers(2, 3, 4), numbers(2, 5, 4, seed=1), numbers(2, 5, 3, seed=2)
attention = F.scaled_dot_product_attention
row("F.scaled_dot_product_attention", attention(query, key, value), attention(query, key, value, attn_mask=numbers(3, 5) > -1),
    attention(query, key, value, attn_mask=numbers(3, 5)), attention(query, query, query, is_causal=True),
    attention(query, key, value, scale=0.3))
row("F.layer_norm", F.layer_norm(x, (4,)), F.layer_norm(three, (3, 4), eps=0.1))
row("F.rms_norm", F.rms_norm(x, (4,)), F.rms_norm(x, (4,), eps=1e-5), F.rms_norm(three, (3, 4), eps=0.1))
images = numbers(2, 3, 5, 4)
row("F.group_norm", last(F.group_norm(first(images), 2)), last(F.group_norm(first(images), 2, eps=0.1)))
row("F.instance_norm", last(F.instance_norm(first(images))), last(F.instance_norm(first(images), eps=0.1)))

# Losses
classes = torch.tensor([1, 3, 0])
shares = F.softmax(y, -1)
class_weights, partly = positive(4), torch.tensor([1, -100, 0])
row("F.cross_entropy", F.cross_entropy(x, classes), F.cross_entropy(x, shares),
    F.cross_entropy(x, partly, class_weights, label_smoothing=0.1))
row("F.binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits(x, shares),
    F.binary_cross_entropy_with_logits(x, shares, pos_weight=class_weights))
row('reduction="none"', F.cross_entropy(x, classes, reduction="none"), F.mse_loss(x, y, reduction="none"))
row("F.mse_loss", F.mse_loss(x, y))
row("F.l1_loss", F.l1_loss(x, y))
row("F.huber_loss", F.huber_loss(x, y), F.huber_loss(x, y, delta=0.5))
row("F.smooth_l1_loss", F.smooth_l1_loss(x, y), F.smooth_l1_loss(x, y, beta=0.5))
row("F.nll_loss", F.nll_loss(F.log_softmax(x, -1), classes))
row("F.binary_cross_entropy", F.binary_cross_entropy(shares, torch.sigmoid(x)), F.binary_cross_entropy(shares, (x > 0) * 1.0))
row("F.kl_div", F.kl_div(F.log_softmax(x, -1), shares), F.kl_div(F.log_softmax(x, -1), shares, reduction="batchmean"))
row("F.poisson_nll_loss", F.poisson_nll_loss(x, p))
row("F.gaussian_nll_loss", F.gaussian_nll_loss(x, y, p), F.gaussian_nll_loss(x, y, p, eps=1.0))
row("F.cosine_embedding_loss", F.cosine_embedding_loss(x, y, torch.tensor([1, -1, 1])),
    F.cosine_embedding_loss(x, y, torch.tensor([-1, -1, 1]), margin=0.2))
signs = torch.tensor([1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1]).reshape(3, 4)
row("F.margin_ranking_loss", F.margin_ranking_loss(x, y, signs), F.margin_ranking_loss(x, y, signs, margin=0.5))
row("F.hinge_embedding_loss", F.hinge_embedding_loss(p, signs))
row("F.soft_margin_loss", F.soft_margin_loss(x, signs))
row("F.multi_margin_loss", F.multi_margin_loss(x, classes), F.multi_margin_loss(x, classes, p=2))
row("F.multilabel_soft_margin_loss", F.multilabel_soft_margin_loss(x, shares))
far = numbers(3, 4, seed=3)
row("F.triplet_margin_loss", F.triplet_margin_loss(x, y, far), F.triplet_margin_loss(x, y, far, margin=2, p=1))
logits, symbols = numbers(2, 6, 4), torch.tensor([[1, 2, 2], [3, 1, 0]])
steps, lengths = torch.tensor([6, 6]), torch.tensor([3, 2])
spoken = F.log_softmax(logits, -1).transpose(0, 1)
row("F.ctc_loss", F.ctc_loss(spoken, symbols, steps, lengths), F.ctc_loss(spoken, symbols, steps, lengths, reduction="sum"))

# Control flow
row("cond", torch.cond(x.sum() > 0, lambda t: t * 2, lambda t: t - 1, (x,)))

# Transforms
C = torch.func


def total(t):
    return (t.sin() * t).sum()


row("func.grad", C.grad(total)(x))
row("func.grad_and_value", list(C.grad_and_value(total)(x))[::-1])
row("func.grad_and_value(has_aux=True)", (lambda r: [r[1][0], r[0], r[1][1]])(C.grad_and_value(lambda t: (total(t), t + 1), has_aux=True)(x)))
row("func.jvp", list(C.jvp(lambda t: t.sin(), (x,), (y,))))
row("func.linearize", (lambda r: [r[0], r[1](y)])(C.linearize(lambda t: t.sin() * t, x)))
row("func.vjp", (lambda r: [r[0], r[1](y)[0]])(C.vjp(lambda t: t.sin(), x)))
row("func.jacrev", C.jacrev(lambda t: t.sin().cumsum(0))(w))
row("func.jacfwd", C.jacfwd(lambda t: t.sin().cumsum(0))(w))
row("func.hessian", C.hessian(lambda t: (t.sin() * t.sum()).sum())(w))
row("autograd.functional.hvp", torch.autograd.functional.hvp(total, x, y)[1])
row("func.vmap", C.vmap(lambda t: t.cumsum(0) * t.sum())(x))
row("detach", C.grad(lambda t: (t.detach() * t).sum())(x))

# Layers
layer = nn.Linear(4, 2)
layer.weight.data, layer.bias.data = numbers(4, 2).T, torch.tensor([0.5, -1])
row("nn.Linear", layer(x))
layer = nn.Bilinear(4, 3, 2)
layer.weight.data, layer.bias.data = numbers(4, 3, 2).movedim(-1, 0), torch.tensor([0.5, -1])
row("nn.Bilinear", layer(x, numbers(3, 3, seed=1)))
layer = nn.Embedding(5, 3)
layer.weight.data = numbers(5, 3)
row("nn.Embedding", layer(torch.tensor([[4, 0, 4], [2, 1, 3]])))
layer = nn.PReLU(4)
layer.weight.data = torch.tensor([0.5, 0.0, -1.0, 0.25])
row("nn.PReLU", nn.PReLU()(x), layer(x))
row("nn.ReLU", nn.ReLU()(x))
row("nn.LeakyReLU", nn.LeakyReLU()(x))
row("nn.GELU", nn.GELU()(x), nn.GELU(approximate="tanh")(x))
row("nn.SiLU", nn.SiLU()(x))
for n, sizes in spatial.items():
    layer = getattr(nn, f"BatchNorm{n}d")(4)
    layer.weight.data, layer.bias.data = torch.tensor([1.0, 2, 0.5, -1]), torch.tensor([0.0, 1, 0, 2])
    trained = layer(first(numbers(2, *sizes, 4)))
    row(f"nn.BatchNorm{n}d", last(trained), layer.running_mean, layer.running_var, last(layer.eval()(first(numbers(2, *sizes, 4)))))
layer = nn.LayerNorm(4)
layer.weight.data, layer.bias.data = torch.tensor([1.0, 2, 0.5, -1]), torch.tensor([0.0, 1, 0, 2])
row("nn.LayerNorm", layer(x))
for n, sizes in spatial.items():
    images = first(numbers(2, *sizes, 4))
    row(f"nn.MaxPool{n}d", last(getattr(nn, f"MaxPool{n}d")(2)(images)))
    row(f"nn.AvgPool{n}d", last(getattr(nn, f"AvgPool{n}d")(2)(images)))
images = first(numbers(2, 4, 6, 4))
row("nn.AdaptiveAvgPool2d", *[last(nn.AdaptiveAvgPool2d(n)(images)) for n in [(2, 5), 1]])
row("nn.AdaptiveMaxPool2d", *[last(nn.AdaptiveMaxPool2d(n)(images)) for n in [(2, 5), 1]])
row("nn.Upsample", *[last(nn.Upsample(scale_factor=2, mode=m)(images)) for m in ["nearest", "bilinear"]])
row("nn.ZeroPad2d", last(nn.ZeroPad2d(1)(images)))
row("nn.ReflectionPad2d", last(nn.ReflectionPad2d(1)(images)))
row("nn.ReplicationPad2d", last(nn.ReplicationPad2d(2)(images)))
row("nn.CircularPad2d", last(nn.CircularPad2d((0, 2, 1, 0))(images)))
row("nn.PixelShuffle", last(nn.PixelShuffle(2)(images)))
row("nn.PixelUnshuffle", last(nn.PixelUnshuffle(2)(images)))
row("nn.Flatten", nn.Flatten()(last(images)))
row("nn.init.eye_", nn.init.eye_(torch.empty(2, 3)))
row("nn.init.dirac_", nn.init.dirac_(torch.empty(4, 2, 3, 3)).permute(2, 3, 1, 0))
gain = nn.init.calculate_gain
gains = [gain("sigmoid"), gain("tanh"), gain("relu"), gain("leaky_relu", 0.2), gain("selu")]
row("nn.init.calculate_gain", torch.tensor(gains))
row("nn.init.zeros_", nn.init.zeros_(torch.empty(2, 3)))
row("nn.init.ones_", nn.init.ones_(torch.empty(2, 3)))
row("nn.init.constant_", nn.init.constant_(torch.empty(2, 3), 0.3))


# Optimizers and schedules
def descended(make, steps=4, size=(3, 4), clip=lambda parameters: None):
    """A matrix and a vector after some steps down the sum of their sines."""
    parameters = [nn.Parameter(numbers(*size)), nn.Parameter(numbers(5, seed=1))]
    optimizer = make(parameters)
    for _ in range(steps):
        optimizer.zero_grad()
        sum(q.sin().sum() for q in parameters).backward()
        clip(parameters)
        optimizer.step()
    return [q.detach() for q in parameters]


O = torch.optim
row("optim.SGD", descended(lambda q: O.SGD(q, 0.1)), descended(lambda q: O.SGD(q, 0.1, momentum=0.9, weight_decay=0.2)),
    descended(lambda q: O.SGD(q, 0.1, momentum=0.9, nesterov=True)))
row("optim.Adam", descended(lambda q: O.Adam(q)), descended(lambda q: O.Adam(q, 0.1, (0.8, 0.95), eps=1e-3, weight_decay=0.2)))
row("optim.AdamW", descended(lambda q: O.AdamW(q)), descended(lambda q: O.AdamW(q, 0.1, weight_decay=0.2)))
row("optim.Adagrad", descended(lambda q: O.Adagrad(q)),
    descended(lambda q: O.Adagrad(q, 0.1, initial_accumulator_value=0.5)))
row("optim.Adadelta", descended(lambda q: O.Adadelta(q)), descended(lambda q: O.Adadelta(q, 0.5, rho=0.8, eps=1e-3)))
row("optim.RMSprop", descended(lambda q: O.RMSprop(q)),
    descended(lambda q: O.RMSprop(q, 0.1, alpha=0.9, eps=1e-3, momentum=0.8, centered=True)))
row("optim.Rprop", descended(lambda q: O.Rprop(q)), descended(lambda q: O.Rprop(q, 1, (0.4, 1.5), (1e-3, 2)), steps=8))
row("optim.Adamax", descended(lambda q: O.Adamax(q)), descended(lambda q: O.Adamax(q, 0.1, (0.8, 0.95), eps=1e-3)))
row("optim.NAdam", descended(lambda q: O.NAdam(q)),
    descended(lambda q: O.NAdam(q, 0.1, (0.8, 0.95), eps=1e-3, momentum_decay=0.1)))
row("optim.RAdam", descended(lambda q: O.RAdam(q)), descended(lambda q: O.RAdam(q, 0.1, (0.8, 0.9), eps=1e-3), steps=8))
row("optim.Adafactor", descended(lambda q: O.Adafactor(q)),
    descended(lambda q: O.Adafactor(q, 0.3, beta2_decay=-0.5, eps=(None, 0.1), d=1.5)))


def turned():
    parameter = nn.Parameter(numbers(16, 20))
    optimizer = O.Muon([parameter], 0.1, weight_decay=0.1, momentum=0.9, adjust_lr_fn="match_rms_adamw")
    for _ in range(2):
        optimizer.zero_grad()
        parameter.sin().sum().backward()
        optimizer.step()
    return parameter.detach()


row("optim.Muon", turned())
row("nn.utils.clip_grad_norm_", descended(lambda q: O.SGD(q, 0.1), clip=lambda q: nn.utils.clip_grad_norm_(q, 1)))
row("nn.utils.clip_grad_value_", descended(lambda q: O.SGD(q, 0.1), clip=lambda q: nn.utils.clip_grad_value_(q, 0.3)))


def rates(schedule, steps=10):
    """The rates of the first steps."""
    optimizer = O.SGD([nn.Parameter(torch.zeros(1))], 0.5)
    schedule = schedule(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return torch.tensor(found)


R = O.lr_scheduler
row("optim.lr_scheduler.CosineAnnealingLR", rates(lambda o: R.CosineAnnealingLR(o, 9, eta_min=0.1)))
row("optim.lr_scheduler.StepLR", rates(lambda o: R.StepLR(o, 3)), rates(lambda o: R.StepLR(o, 2, 0.5)))
row("optim.lr_scheduler.ExponentialLR", rates(lambda o: R.ExponentialLR(o, 0.9)))
row("optim.lr_scheduler.OneCycleLR", rates(lambda o: R.OneCycleLR(o, 0.5, total_steps=11)),
    rates(lambda o: R.OneCycleLR(o, 0.5, total_steps=11, anneal_strategy="linear")))
row("optim.lr_scheduler.ConstantLR", rates(lambda o: R.ConstantLR(o, 0.25, 3)))
row("optim.lr_scheduler.LinearLR", rates(lambda o: R.LinearLR(o, 0.2, 1, 6)), rates(lambda o: R.LinearLR(o, 1, 0, 9)))
row("optim.lr_scheduler.PolynomialLR", rates(lambda o: R.PolynomialLR(o, 9)), rates(lambda o: R.PolynomialLR(o, 6, 2)))
row("optim.lr_scheduler.MultiStepLR", rates(lambda o: R.MultiStepLR(o, [2, 5])),
    rates(lambda o: R.MultiStepLR(o, [3, 4], 0.5)))
row("optim.lr_scheduler.CosineAnnealingWarmRestarts", rates(lambda o: R.CosineAnnealingWarmRestarts(o, 4)),
    rates(lambda o: R.CosineAnnealingWarmRestarts(o, 3, 2, 0.1), 30))
row("optim.lr_scheduler.CyclicLR", rates(lambda o: R.CyclicLR(o, 0.1, 0.5, 3, cycle_momentum=False), 20),
    rates(lambda o: R.CyclicLR(o, 0.1, 0.5, 2, 4, mode="triangular2", cycle_momentum=False), 20),
    rates(lambda o: R.CyclicLR(o, 0.1, 0.5, 3, mode="exp_range", gamma=0.9, cycle_momentum=False), 20))
row("optim.lr_scheduler.ChainedScheduler",
    rates(lambda o: R.ChainedScheduler([R.StepLR(o, 3), R.ExponentialLR(o, 0.9)])))
row("optim.lr_scheduler.LambdaLR", rates(lambda o: R.LambdaLR(o, lambda t: 1 / (t + 1))))
row("optim.lr_scheduler.MultiplicativeLR", rates(lambda o: R.MultiplicativeLR(o, lambda t: 0.9)))


def reduced():
    """The rates at which steps with these losses are taken."""
    optimizer = O.SGD([nn.Parameter(torch.zeros(1))], 0.5)
    schedule = R.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=1)
    found = []
    for loss in [5.0, 4, 4, 4, 3.9999, 4, 4, 4, 3, 3]:
        schedule.step(loss)
        found.append(optimizer.param_groups[0]["lr"])
    return torch.tensor(found)


row("optim.lr_scheduler.ReduceLROnPlateau", reduced())
row("optim.lr_scheduler.SequentialLR",
    rates(lambda o: R.SequentialLR(o, [R.LinearLR(o, 0.25, 1, 3), R.CosineAnnealingLR(o, 6)], [3])))

for name, results in table.items():
    for result in results:
        result = result.detach()
        shape = ",".join(map(str, result.shape))
        print(name, shape, " ".join(format(float(number), ".12g") for number in result.flatten().tolist()), sep="\t")
