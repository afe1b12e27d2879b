import DescentGraph

/// Images with `factor²` times fewer channels and `factor` times as many pixels along each spatial axis: `[batch, height,
/// width, channels · factor²]` becomes `[batch, height · factor, width · factor, channels]`.
///
/// The channels of a pixel that make a block of one channel follow each other, row by row. One or three spatial axes are
/// treated the same way.
///
/// Source: Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel convolutional
/// neural network", 2016.
public func pixelShuffle(_ x: Tensor, factor: Int) -> Tensor {
  pixelBlocks("pixelShuffle", x, factor) { spatial, block in
    guard x.shape[spatial + 1] % block == 0 else {
      return .failure("pixelShuffle", "\(x.shape[spatial + 1]) channels do not divide into blocks of \(block)")
    }
    let axes = 1..<spatial + 1
    let channels = x.shape[spatial + 1] / block
    let parts = x.reshaped(
      Shape([x.shape[0]] + axes.map { x.shape[$0] } + [channels] + [Int](repeating: factor, count: spatial)))
    // Each axis of pixels, with that of its places within a block after it; the channels last.
    let order = [0] + axes.flatMap { [$0, $0 + spatial + 1] } + [spatial + 1]
    return parts.transposed(order).reshaped(
      Shape([x.shape[0]] + axes.map { x.shape[$0] &* factor } + [channels]))
  }
}

/// Images with `factor²` times as many channels and `factor` times fewer pixels along each spatial axis: the inverse of
/// `pixelShuffle`.
public func pixelUnshuffle(_ x: Tensor, factor: Int) -> Tensor {
  pixelBlocks("pixelUnshuffle", x, factor) { spatial, block in
    let axes = 1..<spatial + 1
    guard axes.allSatisfy({ x.shape[$0] % factor == 0 }) else {
      return .failure("pixelUnshuffle", "the spatial axes of \(x.shape) do not divide into blocks of \(factor)")
    }
    let channels = x.shape[spatial + 1]
    let parts = x.reshaped(Shape([x.shape[0]] + axes.flatMap { [x.shape[$0] / factor, factor] } + [channels]))
    let order = [0] + axes.map { 2 * $0 - 1 } + [2 * spatial + 1] + axes.map { 2 * $0 }
    return parts.transposed(order).reshaped(
      Shape([x.shape[0]] + axes.map { x.shape[$0] / factor } + [channels &* block]))
  }
}

/// A rearrangement of blocks of pixels, from the number of spatial axes and that of pixels in a block.
private func pixelBlocks(
  _ name: String, _ x: Tensor, _ factor: Int, _ body: (_ spatial: Int, _ block: Int) -> Tensor
) -> Tensor {
  if x.error != nil { return x }
  guard x.rank >= 3, factor >= 1, factor < 1 << 16,
    let block = Shape(x.shape.sizes.dropFirst(2).map { _ in factor }).checkedCount
  else {
    return .failure(name, "takes [batch, spatial…, channels] and a factor of 1 or more, not \(x.shape) and \(factor)")
  }
  return .calling(name) { body(x.rank - 2, block) }
}
