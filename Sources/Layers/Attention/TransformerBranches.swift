import DescentGraph
import DescentTensors

/// Where the normalizations of a transformer block stand.
public enum NormOrder: String, Sendable, Hashable, Codable {
  /// Before each branch, whose output is added to what was not normalized: x + f(norm(x)). It trains without warming up; a stack
  /// of such blocks needs a normalization at its end. Source: Xiong et al., 2020.
  case pre
  /// After each sum: norm(x + f(x)). Source: Vaswani et al., 2017.
  case post
}

/// What the branches of a transformer block have in common: how they are normalized, dropped and added.
struct BranchRule: Sendable, Codable {
  let order: NormOrder
  /// The fraction of a branch's elements that is dropped while training.
  let dropout: Double
  /// The fraction of examples that a branch is left out for while training.
  let pathDropout: Double

  /// A sequence with what a branch adds to it.
  func callAsFunction(
    _ x: Tensor, norm: any Layer<Tensor, Tensor>, branch: (Tensor) -> Tensor
  ) -> Tensor {
    switch order {
    case .pre: added(x, branch(LayerList.output(of: norm, x)))
    case .post: LayerList.output(of: norm, added(x, branch(x)))
    }
  }

  private func added(_ x: Tensor, _ branch: Tensor) -> Tensor {
    guard branch.error != nil || x.error != nil || branch.shape == x.shape else {
      return LayerSite("transformer block").failure(
        "its branches must keep the shape \(x.shape), found \(branch.shape)")
    }
    let dropped = dropout == 0 ? branch : Dropout(rate: dropout)(branch)
    return x + (pathDropout == 0 ? dropped : StochasticDepth(rate: pathDropout)(dropped))
  }
}
