// What a mistake looks like: the error says what was asked, what was found, and where.

import Descent

let y = matmul(Tensor(zeros: [32, 784]), Tensor(zeros: [500, 10]))
do {
  _ = try y.scalars()
} catch {
  print(error)
}

let z = Tensor([1, 2, 3]) + Tensor([1, 2])
do {
  _ = try (2.0 * z).scalars()
} catch {
  print(error)
}
