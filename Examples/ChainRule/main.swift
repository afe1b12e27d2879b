// The chain rule on paper, and by machine.

import Descent

// o = x·w: the derivative is x, whatever w is.
let slope = try gradient(at: Tensor(3.0)) { w in 1.0 * w }
print("d(1·w)/dw =", try slope.item())

// o2 = g(f(x·w1)·w2): do2/dw2 = g'·o1 and do2/dw1 = g'·w2·f'·x
let x = 0.5
let (d1, d2) = try gradient(at: Tensor(0.8), Tensor(-1.2)) { w1, w2 in
  sigmoid(sigmoid(x * w1) * w2)
}
print("do2/dw1 =", try d1.item(), " do2/dw2 =", try d2.item())
