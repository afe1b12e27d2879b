import Descent

/// A graph of a given form whose size can be chosen.
struct CompileForm: Sendable {
  /// What the form is called.
  let name: String
  /// The function's arguments, and its loss, of about so many operations.
  let write: @Sendable (_ operations: Int) -> (arguments: [Tensor], loss: @Sendable ([Tensor]) -> Tensor)

  /// The forms that are tried.
  static let all = [chain, layers, branches, shared, recurrent, tree, slices]

  /// One elementwise operation after the other.
  static let chain = CompileForm(name: "chain") { operations in
    ([vector], { x in (0..<operations / 2).reduce(x[0]) { y, _ in tanh(y * 0.9) }.sum() })
  }

  /// Layers one above the other, each with parameters of its own.
  static let layers = CompileForm(name: "layers") { operations in
    let depth = operations / 3
    return (
      [matrix] + (0..<depth).flatMap { _ in [matrix, vector] },
      { x in
        (0..<depth).reduce(x[0]) { y, layer in tanh(matmul(y, x[1 + 2 * layer]) + x[2 + 2 * layer]) }.sum()
      }
    )
  }

  /// Many functions of one value, and their sum.
  static let branches = CompileForm(name: "branches") { operations in
    (
      [vector],
      { x in
        let first = tanh(x[0])
        return (0..<operations / 3).reduce(first) { sum, branch in
          sum + sin(first * (1 + 1e-4 * Double(branch)))
        }.sum()
      }
    )
  }

  /// One layer over and over: the gradient of its weights is a long sum.
  static let shared = CompileForm(name: "shared") { operations in
    (
      [matrix, matrix, vector],
      { x in
        (0..<operations / 3).reduce(x[0]) { y, _ in tanh(matmul(y, x[1]) + x[2]) }.sum()
      }
    )
  }

  /// A recurrent network along a sequence, one step written after the other, with an output and a loss at each.
  static let recurrent = CompileForm(name: "recurrent") { operations in
    let steps = operations / 9
    return (
      [Tensor.placeholder(TensorType([steps, 16, 16], .float32)), matrix, matrix, vector, matrix],
      { x in
        var (state, loss) = (x[0][0], Tensor(0.0))
        for step in 0..<steps {
          state = tanh(matmul(x[0][step], x[1]) + matmul(state, x[2]) + x[3])
          loss = loss + square(matmul(state, x[4])).sum()
        }
        return loss
      }
    )
  }

  /// Sums of two, of two of those, and so on.
  static let tree = CompileForm(name: "tree") { operations in
    (
      [vector],
      { x in
        var level = (0..<operations / 3).map { exp(x[0] * (1e-4 * Double($0))) }
        while level.count > 1 {
          level = stride(from: 0, to: level.count, by: 2).map {
            $0 + 1 < level.count ? level[$0] + level[$0 + 1] : level[$0]
          }
        }
        return level[0].sum()
      }
    )
  }

  /// A sequence taken apart, each part through a function, and put together again.
  static let slices = CompileForm(name: "slices") { operations in
    let count = operations / 2
    return (
      [Tensor.placeholder(TensorType([count, 8], .float32))],
      { x in
        concatenated((0..<count).map { sin(x[0].sliced($0..<$0 + 1)) }).sum()
      }
    )
  }

  private static let vector = Tensor.placeholder(TensorType([16], .float32))
  private static let matrix = Tensor.placeholder(TensorType([16, 16], .float32))
}
