import DescentGraph
import Foundation

extension RandomKey {
  /// Uniformly distributed integers from a range.
  ///
  /// Each comes from 64 random bits, so that none is likelier than another by more than one part in 2³².
  /// - Parameters:
  ///   - shape: The result's shape.
  ///   - range: The numbers to choose from, at most 2³² − 1 of them.
  ///   - elementType: An integer type that holds the range.
  public func integers(_ shape: Shape, in range: Range<Int>, _ elementType: ElementType = .int32) -> Tensor {
    .calling {
      let (count, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
      guard !overflow, count >= 1, count <= Int(UInt32.max) else {
        return .failure("integers", "\(range) does not hold from 1 up to \(UInt32.max) numbers")
      }
      let ends = [range.lowerBound, range.upperBound - 1]
      let isHeld = ends.allSatisfy { Int(ReferenceArray.wrapped(Int64($0), elementType)) == $0 }
      guard elementType.isInteger, isHeld, elementType != .uint64 || range.lowerBound >= 0 else {
        return .failure("integers", "\(elementType) does not hold the numbers of \(range)")
      }
      func wide(_ value: Int) -> Tensor { Tensor(integers: [value], shape: [], .uint64) }
      let (high, low) = (split(0).bits(shape).converted(to: .uint64), split(1).bits(shape).converted(to: .uint64))
      // The whole part of count · bits / 2⁶⁴.
      let chosen = (high * wide(count) + ((low * wide(count)) >> 32)) >> 32
      let first = Tensor(integers: [range.lowerBound], shape: [], .int64)
      return (chosen.converted(to: .int64) + first).converted(to: elementType)
    }
  }

  /// Indices along an axis, as int32, each drawn with the probability whose logarithm is given there, up to a constant:
  /// one for every vector of `logits`, whose axis disappears.
  ///
  /// By the largest of the logits with Gumbel-distributed numbers added (Gumbel, 1954; Maddison et al., 2014).
  public func categorical(logits: Tensor, axis: Int = -1) -> Tensor {
    .calling {
      if logits.error != nil { return logits }
      guard logits.elementType.isFloatingPoint else {
        return .failure("categorical", "takes floating-point logits, not \(logits.elementType)")
      }
      return (logits.converted(to: .float32) + gumbel(logits.shape)).argMax(axis: axis)
    }
  }

  /// Vectors that are nearly one-hot, at an index that is drawn as by `categorical`, and have derivatives: the softmax of
  /// the logits with Gumbel-distributed numbers added (Jang, Gu and Poole; Maddison, Mnih and Teh, 2017).
  ///
  /// - Parameters:
  ///   - logits: Logarithms of probabilities, each up to a constant of its vector.
  ///   - temperature: The smaller, the nearer to one-hot; positive.
  ///   - isHard: Whether vectors are one-hot, with the derivatives of those that are nearly so.
  ///   - axis: The axis that vectors lie along.
  public func gumbelSoftmax(
    logits: Tensor, temperature: Double = 1, isHard: Bool = false, axis: Int = -1
  ) -> Tensor {
    .composed("gumbelSoftmax", logits) { logits in
      guard temperature > 0 else { return .failure("gumbelSoftmax", "the temperature \(temperature) is not positive") }
      let noise = gumbel(logits.shape).converted(to: logits.elementType)
      let soft = softmax((logits + noise) * logits.number(1 / temperature), axis: axis)
      guard isHard, soft.error == nil, let place = soft.resolved(axis) else { return soft }
      let hard = soft.argMax(axis: axis).oneHot(count: soft.shape[place], soft.elementType).moved(-1, to: place)
      return soft + stopGradient(hard - soft)
    }
  }

  /// So many indices, as int32, for each vector of weights along the last axis, each drawn with a probability that is
  /// proportional to its weight: `[…, n]` gives `[…, count]`.
  ///
  /// Without replacement, the largest of the weights' logarithms with Gumbel-distributed numbers added are those drawn
  /// one after the other (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006); indices of weight
  /// 0 come last then.
  /// - Parameter replacing: Whether an index may be drawn more than once.
  public func choices(_ count: Int, weights: Tensor, replacing: Bool = false) -> Tensor {
    .calling {
      if weights.error != nil { return weights }
      guard count >= 0, let size = weights.shape.last, weights.elementType.isFloatingPoint, replacing || count <= size
      else {
        let limit = replacing ? "" : ", and no more than there are without replacement"
        return .failure(
          "choices",
          "takes a count from 0 on and floating-point weights […, n], not \(count) and \(weights.type)\(limit)"
        )
      }
      let logits = log(weights.converted(to: .float32))
      guard replacing else { return (logits + gumbel(logits.shape)).topK(count).indices }
      return categorical(
        logits: logits.expanded(axis: -2).broadcast(to: Shape(weights.shape.sizes.dropLast() + [count, size])))
    }
  }

  /// The whole numbers from 0 up to but not including `count` in random order, as int32.
  ///
  /// - Complexity: O(count · log count).
  public func permutation(_ count: Int) -> Tensor {
    .calling {
      guard count >= 0 else { return .failure("permutation", "the count \(count) is negative") }
      var numbers = Tensor(rangeTo: count)
      // Numbers are sorted by random keys. Among many keys some are equal and keep their order; further rounds undo that.
      let rounds = max(1, Int((3 * Foundation.log(Double(max(1, count))) / (32 * Foundation.log(2.0))).rounded(.up)))
      for round in 0..<rounds {
        numbers = Tensor.recordAll(Sort(axis: 0), [split(round).bits([count]), numbers], count: 3)[1]
      }
      return numbers
    }
  }

  /// The parts of a tensor along an axis in random order.
  public func shuffled(_ x: Tensor, axis: Int = 0) -> Tensor {
    x.resolved([axis], "shuffled") { axes in
      if x.shape[axes[0]] == 0 { return x }
      let places = permutation(x.shape[axes[0]]).expanded(axis: 1)
      if places.error != nil { return places }
      return x.gathering(places, IndexGeometry(axes: axes, position: axes[0]))
    }
  }
}
