#!/usr/bin/env python3
"""What PyTorch and optax make of some steps down Rosenbrock's function from (-1.2, 1), in float64.

Prints Tests/OptimizersTests/trajectories.txt: the versions, then on each line a name and the points, x and y after one
another.
"""

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import optax
import torch

O = torch.optim
C = optax.contrib


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def with_torch(make, matrix=False, steps=5):
    start = torch.tensor([-1.2, 1.0], dtype=torch.float64)
    parameter = torch.nn.Parameter(start.reshape(1, 2) if matrix else start)
    optimizer = make([parameter])
    points = []
    for _ in range(steps):
        optimizer.zero_grad()
        x, y = parameter.flatten()
        rosenbrock(x, y).backward()
        optimizer.step()
        points += parameter.detach().flatten().tolist()
    return points


def with_optax(optimizer, matrix=False, evaluation=None):
    value = jnp.array([-1.2, 1.0])
    value = value.reshape(1, 2) if matrix else value
    state = optimizer.init(value)
    points = []
    loss = lambda w: rosenbrock(*w.flatten())
    for _ in range(5):
        updates, state = optimizer.update(jax.grad(loss)(value), state, value, value=loss(value))
        value = optax.apply_updates(value, updates)
        seen = evaluation(state, value) if evaluation else value
        points += seen.flatten().tolist()
    return points


rows = {
    "sgd": with_torch(lambda q: O.SGD(q, 1e-3)),
    "momentum": with_torch(lambda q: O.SGD(q, 1e-3, momentum=0.9)),
    "nesterov": with_torch(lambda q: O.SGD(q, 1e-3, momentum=0.9, nesterov=True)),
    "l2": with_torch(lambda q: O.SGD(q, 1e-3, momentum=0.9, weight_decay=0.1)),
    "adagrad": with_torch(lambda q: O.Adagrad(q, 0.1)),
    "adagradFromSum": with_torch(lambda q: O.Adagrad(q, 0.1, initial_accumulator_value=0.5)),
    "adadelta": with_torch(lambda q: O.Adadelta(q)),
    "rmsprop": with_torch(lambda q: O.RMSprop(q, 1e-2)),
    "rmspropCentered": with_torch(lambda q: O.RMSprop(q, 1e-2, alpha=0.9, centered=True)),
    "rmspropMomentum": with_torch(lambda q: O.RMSprop(q, 1e-2, momentum=0.9, centered=True)),
    "rprop": with_torch(lambda q: O.Rprop(q, 0.1)),
    "adam": with_torch(lambda q: O.Adam(q, 1e-2)),
    "amsgrad": with_torch(lambda q: O.Adam(q, 0.3, betas=(0.9, 0.5), amsgrad=True)),
    "adamw": with_torch(lambda q: O.AdamW(q, 1e-2, weight_decay=0.01)),
    "adamax": with_torch(lambda q: O.Adamax(q, 1e-2)),
    "nadam": with_torch(lambda q: O.NAdam(q, 1e-2)),
    "radam": with_torch(lambda q: O.RAdam(q, 1e-3), steps=9),
    "radamNever": with_torch(lambda q: O.RAdam(q, 1e-3, betas=(0.9, 0.5)), steps=9),
    "adafactor": with_torch(lambda q: O.Adafactor(q, 0.3)),
    "adafactorMatrix": with_torch(lambda q: O.Adafactor(q, 0.3), matrix=True),
    "adabelief": with_optax(optax.adabelief(1e-2)),
    "lamb": with_optax(optax.lamb(1e-2, weight_decay=0.1)),
    "lars": with_optax(optax.lars(1.0, weight_decay=0.1, trust_coefficient=0.01)),
    "larsNesterov": with_optax(optax.lars(1.0, trust_coefficient=0.01, nesterov=True)),
    "lion": with_optax(optax.lion(1e-3, b1=0.9, b2=0.99, weight_decay=0)),
    "lionDecaying": with_optax(optax.lion(1e-3, b1=0.9, b2=0.99, weight_decay=1.0)),
    "signSGD": with_optax(optax.sign_sgd(1e-2)),
    "signum": with_optax(optax.signum(0.2, beta=0.5)),
    "adopt": with_optax(C.adopt(1e-2)),
    "prodigy": with_optax(C.prodigy(1.0)),
    "prodigyDecaying": with_optax(C.prodigy(1.0, estim_lr0=1e-2, weight_decay=0.1)),
    "scheduleFreeSGD": with_optax(C.schedule_free_sgd(1e-3, warmup_steps=None)),
    "scheduleFreeSGDAverage": with_optax(
        C.schedule_free_sgd(1e-3, warmup_steps=None), evaluation=C.schedule_free_eval_params),
    "scheduleFreeAdamW": with_optax(C.schedule_free_adamw(1e-2, warmup_steps=None, weight_decay=0.1)),
    "scheduleFreeAdamWAverage": with_optax(
        C.schedule_free_adamw(1e-2, warmup_steps=None, weight_decay=0.1), evaluation=C.schedule_free_eval_params),
    "adaptiveClipping": with_optax(
        optax.chain(optax.adaptive_grad_clip(0.1), optax.sgd(0.5))),
    "blockClipping": with_optax(optax.chain(optax.clip_by_block_rms(3), optax.sgd(0.1))),
    "plateau": with_optax(
        optax.chain(optax.sgd(5e-3), C.reduce_on_plateau(factor=0.5, patience=1, cooldown=1))),
    "plateauMeans": with_optax(
        optax.chain(optax.sgd(5e-3), C.reduce_on_plateau(factor=0.5, patience=1, accumulation_size=2))),
}


def look_ahead():
    fast = optax.sgd(1e-3, momentum=0.9)
    optimizer = optax.lookahead(fast, sync_period=2, slow_step_size=0.5)
    value = optax.LookaheadParams.init_synced(jnp.array([-1.2, 1.0]))
    state = optimizer.init(value)
    points = []
    for _ in range(5):
        gradient = jax.grad(lambda w: rosenbrock(*w))(value.fast)
        updates, state = optimizer.update(gradient, state, value)
        value = optax.apply_updates(value, updates)
        points += value.fast.tolist()
    return points


rows["lookAhead"] = look_ahead()

print(f"# PyTorch {torch.__version__}, optax {optax.__version__}; scripts/optimizer-values.py")
for name, points in rows.items():
    print(name, *(format(p, ".15g") for p in points))
