#!/usr/bin/env python3
"""What Shampoo, SOAP and Sophia make of some gradients, in float64: Tests/OptimizersTests/curvature-values.txt.

Shampoo and SOAP are written here from their papers, in numpy and with other means than Descent's (fractional powers by scipy, no
blocks); Sophia is optax', whose momentum is corrected for its bias and whose curvature counts in the step after: both are taken out.
Each line is a name and the points after each step, row by row.
"""

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np
import optax
import scipy
from scipy.linalg import fractional_matrix_power

START = np.array([[0.5, -1.0, 2.0, 0.25], [1.5, 0.5, -0.75, 1.0], [-0.25, 1.25, 0.5, -2.0]])
LEFT = np.array([[3.0, 1.0, 0.5], [1.0, 2.0, 0.25], [0.5, 0.25, 1.0]])
RIGHT = np.array([[1.0, 0.5, 0, 0], [0.5, 2.0, 0.25, 0], [0, 0.25, 1.5, 0.5], [0, 0, 0.5, 4.0]])


def slope(w):
    """The gradient of half the trace of Wᵀ A W B plus a quarter of the sum of fourth powers."""
    return LEFT @ w @ RIGHT + w**3


def shampoo(steps, rate, beta1, beta2, epsilon, interval, grafting):
    w, m, v = START.copy(), 0 * START, 0 * START
    left, right = np.zeros((3, 3)), np.zeros((4, 4))
    points = []
    for t in range(1, steps + 1):
        g = slope(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        left = beta2 * left + (1 - beta2) * g @ g.T
        right = beta2 * right + (1 - beta2) * g.T @ g
        if (t - 1) % interval == 0:

            def root(a):
                a = a / (1 - beta2**t)
                ridge = epsilon * np.linalg.norm(a, 2) * np.eye(len(a))
                return np.real(fractional_matrix_power(a + ridge, -0.25))

            roots = root(left), root(right)
        mean = m / (1 - beta1**t)
        direction = roots[0] @ mean @ roots[1]
        if grafting == "adam":
            wanted = mean / (np.sqrt(v / (1 - beta2**t)) + 1e-8)
            direction *= np.linalg.norm(wanted) / np.linalg.norm(direction)
        elif grafting == "sgd":
            direction *= np.linalg.norm(mean) / np.linalg.norm(direction)
        w = w - rate * direction
        points += w.flatten().tolist()
    return points


def soap(steps, rate, beta1, beta2, beta3, epsilon, interval):
    """As in the authors' soap.py: the first gradient sets the directions up and moves nothing."""
    w, m, v = START.copy(), 0 * START, 0 * START
    left, right = np.zeros((3, 3)), np.zeros((4, 4))
    points, q = [], None
    for t in range(steps):
        g = slope(w)
        if t > 0:
            m = beta1 * m + (1 - beta1) * g
            turned = q[0].T @ g @ q[1]
            v = beta2 * v + (1 - beta2) * turned**2
            scale = np.sqrt(1 - beta2**t) / (1 - beta1**t)
            inner = (q[0].T @ m @ q[1]) / (np.sqrt(v) + epsilon * np.sqrt(1 - beta2**t))
            w = w - rate * scale * (q[0] @ inner @ q[1].T)
        left = beta3 * left + (1 - beta3) * g @ g.T
        right = beta3 * right + (1 - beta3) * g.T @ g
        if t == 0:
            q = [np.linalg.eigh(left)[1][:, ::-1], np.linalg.eigh(right)[1][:, ::-1]]
        elif t % interval == 0:
            for side, a in ((0, left), (1, right)):
                order = np.argsort(-np.diag(q[side].T @ a @ q[side]))
                v = np.take(v, order, axis=side)
                q[side] = np.linalg.qr(a @ q[side][:, order])[0]
        points += w.flatten().tolist()
    return points


def sophia(steps, rate, beta1, beta2, gamma, interval):
    weights = jnp.array([[1.0, 40.0, -2.0, 0.5], [3.0, 0.1, 8.0, 1.0], [20.0, 2.0, -0.3, 5.0]])
    loss = lambda w: jnp.sum(weights * w**4)
    rule = optax.contrib.sophia(
        rate, b1=beta1, b2=beta2, eps=1e-12, weight_decay=0.0, gamma=gamma, update_interval=interval)
    w = jnp.array(START)
    state = rule.init(w)
    points = []
    for t in range(steps):
        g = jax.grad(loss)(w)

        def run(count, nu):
            inner = state[0]._replace(count=jnp.array(count, jnp.int32), nu=nu)
            return rule.update(g, (inner, *state[1:]), w, obj_fn=loss)

        # The curvature of this step first; then the step itself, at a count where no bias is left to be corrected.
        nu = run(0 if t % interval == 0 else 1, state[0].nu)[1][0].nu
        updates, state = run(1_000_000 * interval + 1, nu)
        w = w + updates
        points += w.flatten().tolist()
    return points


rows = {
    "shampoo": shampoo(6, 0.1, 0, 0.9, 1e-9, 1, "none"),
    "shampooMomentum": shampoo(6, 0.1, 0.8, 0.95, 1e-6, 2, "sgd"),
    "shampooAdam": shampoo(6, 0.1, 0.9, 0.99, 1e-6, 3, "adam"),
    "soap": soap(7, 0.1, 0.95, 0.95, 0.95, 1e-8, 1),
    "soapInterval": soap(8, 0.05, 0.9, 0.99, 0.9, 1e-8, 3),
    "sophia": sophia(6, 0.05, 0.5, 0.75, 2.0, 2),
}
print(f"# numpy {np.__version__}, scipy {scipy.__version__}, optax {optax.__version__}; scripts/curvature-values.py")
for name, points in rows.items():
    print(name, *(format(p, ".15g") for p in points))
