import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import TestSupport
import Testing

@Suite struct AttentionTests {
  private let x = sample([2, 5, 8])

  private func made(_ layer: MultiHeadAttention, seed: UInt64 = 1) throws -> MultiHeadAttention {
    try layer.initialized(for: x, seed: seed)
  }

  /// Every way of telling positions apart, and every way of seeing.
  private var kinds: [MultiHeadAttention] {
    [
      MultiHeadAttention(heads: 2, isCausal: true), MultiHeadAttention(heads: 4, keyHeads: 2, isCausal: true),
      MultiHeadAttention(heads: 4, keyHeads: 1, headWidth: 6, isCausal: true, positions: .rotary(), bias: false),
      MultiHeadAttention(heads: 2, isCausal: true, window: 2, positions: .alibi),
      MultiHeadAttention(
        heads: 2, isCausal: true, positions: .rotary(RotaryPositions(base: 100, features: 2, pairing: .neighbors)),
        outputBias: false),
    ]
  }

  @Test func shapesAndParameters() throws {
    let layer = try made(MultiHeadAttention(heads: 4, keyHeads: 2, headWidth: 3, outputBias: false))
    let shapes = Dictionary(uniqueKeysWithValues: layer.parameters.map { ($0.path, $0.shape) })
    #expect(shapes["query.weight"] == [8, 12] && shapes["key.weight"] == [8, 6] && shapes["value.bias"] == [6])
    #expect(shapes["output.weight"] == [12, 8] && shapes["output.bias"] == nil)
    #expect(layer(x).shape == [2, 5, 8] && layer(x[0]).shape == [5, 8])
    #expect(layer.outputAndWeights(x).weights.shape == [2, 4, 5, 5])
    // The projections are layers of their own once they are bound.
    #expect(layer.query(x).shape == [2, 5, 12])
  }

  @Test func derivativesAreRight() throws {
    for kind in kinds {
      let layer = try made(kind)
      try expectGradient(of: layer) { square($0(x)).sum() }
      try expectGradient(of: [x]) { square(layer($0[0])).sum() }
    }
    let cross = try MultiHeadAttention(heads: 2).initialized { $0(x, attendingTo: sample([2, 3, 4])) }
    try expectGradient(of: [x, sample([2, 3, 4])]) { square(cross($0[0], attendingTo: $0[1])).sum() }
    let dropping = try made(MultiHeadAttention(heads: 2, dropout: 0.3))
    try expectGradient(of: dropping) { model in training(seed: 3) { square(model(x)).sum() } }
  }

  /// Heads that share keys are heads with the same keys.
  @Test func sharedKeysAreRepeatedKeys() throws {
    let shared = try made(MultiHeadAttention(heads: 4, keyHeads: 2, isCausal: true))
    var tensors = try namedTensors(of: shared)
    for name in ["key.weight", "key.bias", "value.weight", "value.bias"] {
      let tensor = try #require(tensors[name])
      let heads = tensor.reshaped(Shape(tensor.shape.sizes.dropLast() + [2, 2]))
      tensors[name] = stacked([heads, heads], axis: -2).reshaped(Shape(tensor.shape.sizes.dropLast() + [8]))
    }
    let plain = try replacingTensors(
      of: made(MultiHeadAttention(heads: 4, isCausal: true)), with: tensors, from: "")
    try expectClose(shared(x).scalars(), plain(x).scalars())
  }

  /// What may not be seen does not matter, by whatever way it is said.
  @Test func masksHideWhatTheySay() throws {
    let changed = x[.all, 0..<4].padded(low: [0, 0, 0], high: [0, 1, 0], with: 3)
    for kind in kinds {
      let layer = try made(kind)
      let (a, b) = (layer(x)[.all, 0..<4], layer(changed)[.all, 0..<4])
      try expectClose(a.scalars(), b.scalars())
    }
    let open = try made(MultiHeadAttention(heads: 2))
    let present = (Tensor([[1, 1, 1, 1, 0], [1, 1, 1, 1, 0]]) .> 0)
    try expectClose(
      open(x, padding: present)[.all, 0..<4].scalars(), open(changed, padding: present)[.all, 0..<4].scalars())
    try expectClose(open(x, padding: present)[.all, 0..<4].scalars(), open(x[.all, 0..<4]).scalars())
    let hidden = Tensor([0, 0, 0, 0, -.infinity], .float64).broadcast(to: [5, 5])
    try expectClose(open(x, mask: hidden).scalars(), open(x, padding: present).scalars())
    let each = hidden.broadcast(to: [2, 5, 5])
    try expectClose(open(x, mask: each).scalars(), open(x, padding: present).scalars())
    try expectClose(
      open(x, mask: each.expanded(axis: 1) .> -1).scalars(), open(x, padding: present).scalars())
    let window = try made(MultiHeadAttention(heads: 2, window: 2)).outputAndWeights(x).weights
    for (place, weight) in try window.scalars().enumerated() {
      #expect((weight != 0) == (abs(place % 5 - place / 5 % 5) < 2))
    }
    // Who may look at nothing is left with the biases.
    let nothing = open(x, mask: Tensor(zeros: [5, 5], .bool))
    #expect(try nothing.scalars().allSatisfy { $0 == 0 })
  }

  /// Position after position through a cache gives what the whole sequence gives, in pieces of any size.
  @Test func cachesGiveWhatWholeSequencesGive() throws {
    for kind in kinds {
      let layer = try made(kind)
      let whole = try layer(x).scalars()
      for pieces in [[1, 1, 1, 1, 1], [3, 1, 1], [2, 3], [5]] {
        var cache = layer.cache(batch: 2, capacity: 7, .float64)
        var outputs: [Tensor] = []
        var start = 0
        for length in pieces {
          let (output, next) = layer(x[.all, start..<start + length], from: cache)
          outputs.append(output)
          cache = next
          start += length
        }
        try expectClose(concatenated(outputs, axis: 1).scalars(), whole)
        #expect(try cache.position.item(as: Int.self) == 5)
      }
    }
  }

  /// One plan serves all positions, in a compiled function as in a loop, and what does not fit is told.
  @Test func onePlanServesAllPositions() throws {
    let layer = try made(kinds[2])
    let step = compiled { (x: Tensor, cache: AttentionCache) in
      let (output, next) = layer(x, from: cache)
      return (output, next)
    }
    var cache = layer.cache(batch: 2, capacity: 5, .float64)
    var outputs: [Tensor] = []
    for place in 0..<5 {
      let (output, next) = try step(x[.all, place..<place + 1], cache)
      (cache, outputs) = (next, outputs + [output])
    }
    #expect(step.compilationCount == 1)
    try expectClose(concatenated(outputs, axis: 1).scalars(), layer(x).scalars())
    let looped = try scan(over: x.moved(1, to: 0), from: layer.cache(batch: 2, capacity: 5, .float64)) {
      (cache: AttentionCache, x: Tensor) in
      let (output, next) = layer(x.expanded(axis: 1), from: cache)
      return (next, output)
    }.outputs
    try expectClose(looped.squeezed(axes: [2]).moved(0, to: 1).scalars(), layer(x).scalars())
    // One too many: an error where the place is known, NaN where it is not.
    #expect(
      fault(of: layer(x[.all, 0..<1], from: cache).output).contains("a cache of 5 positions; 1 from 5 on do not fit"))
    #expect(try step(x[.all, 0..<1], cache).0.scalars().allSatisfy(\.isNaN))
    #expect(
      fault(of: layer(x[.all, 0..<3], from: layer.cache(batch: 2, capacity: 2, .float64)).output).contains("3 at once"))
  }

  /// Sequences of unequal length, filled up in front, and sequences in another order.
  @Test func cachesKnowPaddingAndOrder() throws {
    let layer = try made(MultiHeadAttention(heads: 2, isCausal: true, positions: .rotary()))
    let isWord = (Tensor([[1, 1, 1], [0, 0, 1]]) .> 0)
    var (_, cache) = layer(x[.all, 0..<3], from: layer.cache(batch: 2, capacity: 5, .float64), padding: isWord)
    cache = cache.selecting(Tensor(integers: [1, 0]))
    let next = layer(x[.all, 3..<4], from: cache).output
    // The second sequence has one word and the new one; distances alone count.
    let short = concatenated([x[1..<2, 2..<3], x[0..<1, 3..<4]], axis: 1)
    try expectClose(next[0].scalars(), layer(short)[0, 1..<2].scalars())
  }

  /// Numbers of 16 bits are weighted in Float32.
  @Test func sixteenBitsKeepTheirDigits() throws {
    let layer = try MultiHeadAttention(heads: 2).initialized(for: x.converted(to: .float32))
    let wide = x.converted(to: .float32) * 3
    let exact = try layer(wide).scalars()
    let narrow = withPrecision(.bfloat16) { layer(wide) }
    #expect(narrow.elementType == .bfloat16)
    for (a, b) in zip(try narrow.scalars(), exact) { #expect(abs(a - b) < 0.05 * max(1, abs(b))) }
  }

  @Test func dropoutDropsWeightsWhileTraining() throws {
    let layer = try made(MultiHeadAttention(heads: 2, dropout: 0.5))
    #expect(try layer(x).scalars() == made(MultiHeadAttention(heads: 2))(x).scalars())
    let trained = try training(seed: 1) { try layer(x).scalars() }
    #expect(try trained != layer(x).scalars())
    #expect(try training(seed: 1) { try layer(x).scalars() } == trained)
    #expect(try training(seed: 2) { try layer(x).scalars() } != trained)
  }

  @Test func mistakesAreNamed() throws {
    let layer = try made(MultiHeadAttention(heads: 2))
    func say(_ layer: MultiHeadAttention) -> String { fault { _ = try layer.initialized(for: x) } }
    #expect(say(MultiHeadAttention(heads: 3)).contains("divides the features among 3 heads"))
    #expect(say(MultiHeadAttention(heads: 4, keyHeads: 3)).contains("found 4 and 3"))
    #expect(say(MultiHeadAttention(heads: 0)).hasPrefix("MultiHeadAttention: "))
    #expect(say(MultiHeadAttention(heads: 2, headWidth: -1)).contains("at least one feature"))
    #expect(say(MultiHeadAttention(heads: .max, headWidth: .max)).hasPrefix("MultiHeadAttention: "))
    #expect(say(MultiHeadAttention(heads: 2, window: 0)).contains("window"))
    #expect(say(MultiHeadAttention(heads: 2, dropout: 1)).contains("dropout"))
    #expect(say(MultiHeadAttention(heads: 8, positions: .rotary())).contains("turns pairs"))
    #expect(fault(of: layer(Tensor(1.0))).contains("takes an input"))
    #expect(fault(of: layer(Tensor(zeros: [1, 2, 8], .int32))).contains("floating-point"))
    #expect(fault(of: layer(sample([1, 2, 6]))).contains("was made for 8 features"))
    #expect(fault(of: layer(x, mask: Tensor(zeros: [5, 4], .bool))).contains("found [5, 4]"))
    #expect(fault(of: layer(x, mask: Tensor(zeros: [5, 5], .int32))).contains("found int32"))
    #expect(fault(of: layer(x, padding: Tensor(zeros: [2, 4], .bool))).contains("padding of booleans [2, 5]"))
    #expect(fault(of: layer(x, padding: Tensor(zeros: [2, 5]))).contains("found float32[2, 5]"))
    #expect(fault(of: layer(x, attendingTo: sample([3, 5, 8]))).contains("found [3, 5, 8]"))
    #expect(fault(of: layer(x, attendingTo: x, values: sample([2, 4, 8]))).contains("[2, 4, 8]"))
    #expect(fault(of: layer(x, from: layer.cache(batch: 3, capacity: 4, .float64)).output).contains("takes a cache"))
    #expect(fault(of: MultiHeadAttention(heads: 2).cache(batch: 1, capacity: 4).keys).contains("no parameters yet"))
    #expect(fault(of: AttentionCache(batch: 1, heads: 0, capacity: 1, width: 1).keys).contains("at least one head"))
    struct Holder: Layer {
      var inner = MultiHeadAttention(heads: 2)
      func callAsFunction(_ x: Tensor) -> Tensor { inner(x) }
    }
    let held = try Holder().initialized(for: x)
    #expect(fault(of: held.inner(x, mask: Tensor(zeros: [1], .bool))).hasPrefix("inner (MultiHeadAttention): "))
    #expect(fault(of: held(sample([1, 2, 6]))).hasPrefix("inner.key (Dense): was made for 8 features"))
  }

  @Test func positionsAreAdded() throws {
    let learned = try LearnedPositions(context: 6).initialized(for: x)
    let vectors = try #require(learned.weight.tensor)
    try expectClose(learned(x).scalars(), (x + vectors[0..<5]).scalars())
    let three = Tensor(integers: [3], shape: [], .int32)
    try expectClose(learned(x[.all, 0..<2], from: three).scalars(), (x[.all, 0..<2] + vectors[3..<5]).scalars())
    try expectGradient(of: learned) { square($0(x)).sum() }
    #expect(
      fault(of: learned(sample([1, 7, 8]))).contains("has a context of 6 positions, found an input [1, 7, 8] of 7"))
    #expect(fault(of: learned(x, from: three)).contains("5 from 3 on do not fit"))
    let late = compiled { (x: Tensor, place: Tensor) in learned(x, from: place) }
    #expect(try late(x, three).scalars().allSatisfy(\.isNaN))
    #expect(try late(x, Tensor(integers: [1], shape: [], .int32)).scalars().allSatisfy(\.isFinite))
    #expect(fault { _ = try LearnedPositions(context: 0).initialized(for: x) }.contains("at least 1"))
    let waves = SinusoidalPositions()
    try expectClose(waves(x).scalars(), (x + sinusoids(at: Tensor(rangeTo: 5), features: 8, .float64)).scalars())
    try expectClose(
      waves(x[.all, 0..<2], from: three).scalars(),
      (x[.all, 0..<2] + sinusoids(at: Tensor([3, 4]), features: 8, .float64)).scalars())
  }

  @Test func slopesAreThoseOfThePaper() throws {
    // Eight heads: 1/2, 1/4, …; of twelve, the further four are every second of sixteen's.
    func weights(_ heads: Int) throws -> [Double] {
      var tensors = try namedTensors(of: MultiHeadAttention(heads: heads, headWidth: 1).initialized(for: x))
      for name in tensors.keys { tensors[name] = tensors[name].map { Tensor(zerosLike: $0) } }
      let layer = try replacingTensors(
        of: MultiHeadAttention(heads: heads, headWidth: 1, isCausal: true, positions: .alibi).initialized(for: x),
        with: tensors, from: "")
      // With products of 0, neighboring weights differ by the slope.
      let found = layer.outputAndWeights(x[0..<1]).weights[0, .all, 4]
      return try (log(found[.all, 4]) - log(found[.all, 3])).scalars()
    }
    try expectClose(weights(8), (1...8).map { pow(2.0, -Double($0)) })
    try expectClose(weights(12), (1...8).map { pow(2.0, -Double($0)) } + [0.5, 1.5, 2.5, 3.5].map { pow(2.0, -$0) })
  }

  @Test func wavesTakeOneWholePosition() {
    let waves = SinusoidalPositions()
    #expect(fault(of: waves(x, from: Tensor(1.5))).contains("takes a position that is one integer"))
    #expect(fault(of: waves(x, from: Tensor(integers: [1, 2]))).contains("takes a position that is one integer"))
    #expect(fault(of: waves(x, from: Tensor(integers: [-1], shape: []))).contains("do not fit"))
    #expect(fault(of: waves(x, from: Tensor(integers: [1 << 40], shape: [], .int64))).contains("do not fit"))
  }
}
