import DescentData
import DescentTensors
import DescentTypes
import Testing

/// A sentence of words, and how many they are.
private struct Sentence: Codable, Sendable {
  var words: Tensor
  var length: Tensor

  init(_ words: [Int]) {
    self.words = Tensor(integers: words)
    length = Tensor(integers: [words.count], shape: [])
  }
}

@Suite struct DatasetTests {
  let numbers = Dataset(0..<10)

  @Test func choosingAndChanging() throws {
    #expect(try numbers.map { $0 * 2 }.all() == Array(stride(from: 0, to: 20, by: 2)))
    #expect(try numbers.filter { $0 % 3 == 0 }.all() == [0, 3, 6, 9])
    #expect(try numbers.selecting([3, 3, 1]).all() == [3, 3, 1])
    #expect(try numbers.concatenated(Dataset([7, 8])).all() == Array(0..<10) + [7, 8])
    let pair = try numbers.zipped(numbers.map { "\($0)" }).element(4)
    #expect(pair.0 == 4 && pair.1 == "4")
    #expect(try numbers.elements().map { try $0.get() } == Array(0..<10))
    expectMistake("there is no element 10 among 10") { try numbers.element(10) }
    expectMistake("there is no element -1 among 10") { try numbers.selecting([-1]) }
    expectMistake("data sets of 10 and of 2 elements") { try numbers.zipped(Dataset([1, 2])) }
  }

  @Test func orders() throws {
    let shuffled = numbers.shuffled(seed: 3)
    let (first, second) = (try shuffled.all(), try shuffled.all(epoch: 1))
    #expect(first.sorted() == Array(0..<10) && second.sorted() == first.sorted())
    #expect(first != second && first != Array(0..<10))
    // In whatever order they are asked for.
    #expect(try (0..<10).reversed().map { try shuffled.element($0, epoch: 1) } == second.reversed())
    #expect(try numbers.shuffled(seed: 3).all() == first)
    #expect(try numbers.shuffled(seed: 4).all() != first)
  }

  @Test func splitsAndRepetitions() throws {
    let (first, rest) = try numbers.split(0.7, seed: 1)
    #expect(first.count == 7 && rest.count == 3)
    #expect(try (first.all() + rest.all()).sorted() == Array(0..<10))
    #expect(try numbers.split(0.25, seed: nil).first.all() == [0, 1, 2])
    #expect(try numbers.split(1).rest.count == 0)
    expectMistake("the fraction 1.5 is outside 0...1") { try numbers.split(1.5) }
    let twice = try numbers.shuffled(seed: 3).repeated(2)
    #expect(try twice.all() == numbers.shuffled(seed: 3).all() + numbers.shuffled(seed: 3).all(epoch: 1))
    #expect(try twice.element(13, epoch: 1) == numbers.shuffled(seed: 3).element(3, epoch: 3))
    #expect(try Dataset([Int]()).repeated(3).count == 0)
    expectMistake("cannot come -1 times") { try numbers.repeated(-1) }
    expectMistake("cannot come") { try numbers.repeated(.max) }
  }

  @Test func randomNumbersBelongToElementAndPass() throws {
    let drawn = numbers.map(seed: 5) { number, random in Double(number) + random.unit() }
    let (first, second) = (try drawn.all(), try drawn.all(epoch: 1))
    #expect(Set(first.map { $0 - $0.rounded(.down) }).count == 10)
    #expect(zip(first, second).allSatisfy { $0 != $1 && $0.rounded(.down) == $1.rounded(.down) })
    #expect(try drawn.element(7, epoch: 1) == second[7])
    let kept = drawn.cached()
    #expect(try kept.all() == first)
    #expect(try kept.all(epoch: 1) == first)
    var random = ElementRandom(seed: 1, epoch: 0, index: 0)
    let places = (0..<1000).map { _ in random.place(below: 4) }
    #expect(Set(places) == [0, 1, 2, 3] && random.place(below: 0) == 0)
  }

  @Test func weightedDraws() throws {
    let weights = [0, 1, 0, 3, 0, 0, 0, 0, 0, 0] as [Double]
    let drawn = try numbers.sampled(weights: weights, count: 4000, seed: 1)
    let all = try drawn.all()
    let threes = all.count { $0 == 3 }
    #expect(all.allSatisfy { $0 == 1 || $0 == 3 } && (2900...3100).contains(threes))
    #expect(try drawn.all(epoch: 1) != all)
    expectMistake("2 weights for 10 elements") { try numbers.sampled(weights: [1, 2]) }
    expectMistake("the weight -1.0 of element 0") { try numbers.sampled(weights: [-1] + weights.dropFirst()) }
    expectMistake("sum to 0.0") { try numbers.sampled(weights: Array(repeating: 0, count: 10)) }
  }

  @Test func batchesOfAnyForm() throws {
    let sentences = Dataset([[1, 2], [3, 4], [5, 6]]).map { Sentence($0) }
    let batches = sentences.batched(2)
    #expect(batches.batchCount == 2 && batches.exampleCount == 3)
    let batch = try batches.batch(0, epoch: 0)
    #expect(batch.words.shape == [2, 2] && batch.words.elementType == .int32)
    #expect(try batch.words.scalars() == [1, 2, 3, 4])
    #expect(batch.length.shape == [2])
    #expect(try batches.batch(1, epoch: 0).words.scalars() == [5, 6])
    #expect(sentences.batched(2, droppingRemainder: true).exampleCount == 2)
    let parallel = try sentences.batched(3, workers: 2).batch(0, epoch: 0)
    #expect(try parallel.words.scalars() == [1, 2, 3, 4, 5, 6])
    let plain = Dataset([1.0, 2.0]).map { Tensor($0) }
    #expect(try plain.batched(2).batch(0, epoch: 0).scalars() == [1, 2])
    let labels = Dataset([["a": Tensor(1), "b": Tensor([1, 2])], ["a": Tensor(2), "b": Tensor([3, 4])]])
    #expect(try labels.batched(2).batch(0, epoch: 0)["b"]?.scalars() == [1, 2, 3, 4])
    expectMistake("the batch size 0 is not positive") { try sentences.batched(0).batch(0, epoch: 0) }
    expectMistake("there is no batch 2 among 2") { try batches.batch(2, epoch: 0) }
  }

  @Test func raggedElements() throws {
    let sentences = Dataset([[1], [2, 3, 4], []]).map { Sentence($0) }
    expectMistake("the tensor words is int32[1] in example 0 of a batch and int32[3] in example 1: pad the batch") {
      try sentences.batched(3).batch(0, epoch: 0)
    }
    let batch = try sentences.batched(3, padding: -1).batch(0, epoch: 0)
    #expect(try batch.words.scalars() == [1, -1, -1, 2, 3, 4, -1, -1, -1])
    #expect(try batch.length.scalars() == [1, 3, 0])
    let grids = Dataset([Tensor([[1, 2]]), Tensor([[3], [4]])])
    let grid = try grids.batched(2, padding: 0).batch(0, epoch: 0)
    #expect(grid.shape == [2, 2, 2])
    #expect(try grid.scalars() == [1, 2, 0, 0, 3, 0, 4, 0])
    let mixed = Dataset([Tensor(1), Tensor(integers: [1], shape: [])])
    expectMistake("is float32[] in example 0 of a batch and int32[] in example 1") {
      try mixed.batched(2).batch(0, epoch: 0)
    }
    struct Numbered: Codable, Sendable { var number: Int; var tensor: Tensor }
    let numbered = Dataset([Numbered(number: 1, tensor: Tensor(1)), Numbered(number: 2, tensor: Tensor(1))])
    expectMistake("what changes from example to example has to be a tensor") {
      try numbered.batched(2).batch(0, epoch: 0)
    }
  }

  @Test func buckets() throws {
    let lengths = (0..<95).map { ($0 * 37) % 19 + 1 }
    let sentences = Dataset(lengths).map { Sentence(Array(repeating: 7, count: $0)) }
    let batches = try sentences.bucketed(10, byLength: { $0.words.shape[0] }, pool: 5, seed: 2)
    #expect(batches.batchCount == 10 && batches.exampleCount == 95)
    func found(_ epoch: Int) throws -> [[Double]] {
      try (0..<10).map { try batches.batch($0, epoch: epoch).length.scalars() }
    }
    let first = try found(0)
    #expect(first.flatMap { $0 }.sorted() == lengths.map(Double.init).sorted())
    #expect(try found(1) != first)
    #expect(try found(0) == first)
    // Shuffled batches of these lengths would be 18 apart, nearly always.
    #expect(first.allSatisfy { ($0.max() ?? 0) - ($0.min() ?? 0) <= 8 })
    let whole = try batches.batch(0, epoch: 0)
    #expect(whole.words.shape[1] == Int(first[0].max() ?? 0))
  }

  @Test(arguments: [1, 3]) func batchesMadeAhead(workers: Int) throws {
    let batches = Dataset(0..<23).map { Tensor(integers: [$0], shape: []) }.shuffled(seed: 1).batched(2)
    func numbers(_ batches: some Sequence<Result<Tensor, any Error>>) throws -> [[Double]] {
      try batches.map { try $0.get().scalars() }
    }
    let all = try numbers(batches.epoch(2))
    #expect(try numbers(batches.prefetched(epoch: 2, workers: workers)) == all)
    #expect(try numbers(batches.prefetched(epoch: 2, from: 7, ahead: 1, workers: workers)) == Array(all[7...]))
    #expect(try numbers(batches.prefetched(epoch: 2, from: 12, workers: workers)).isEmpty)
    let failing = Dataset(0..<10).map { number in
      if number == 5 { throw TensorError("test", "five") }
      return Tensor(Double(number))
    }
    var found = 0
    var faults = 0
    for batch in failing.batched(1).prefetched(epoch: 0, workers: workers) {
      if case .success = batch { found += 1 } else { faults += 1 }
    }
    #expect(found == 5 && faults == 1)
  }

  @Test func rowsInMemoryAreGathered() throws {
    let ids = Tensor(integers: [5, 6, 7, 8], shape: [4, 1], .int64)
    let data = try Dataset(rowsOf: PairedBatch(input: ids, target: Tensor([0, 1, 2, 3])))
    #expect(data.count == 4)
    #expect(try data.element(2).input.scalars() == [7] && data.element(2).target.shape == [])
    let batch = try data.shuffled(seed: 1).batched(3).batch(0, epoch: 0)
    #expect(batch.input.shape == [3, 1] && batch.input.elementType == .int64)
    #expect(zip(try batch.input.scalars(), try batch.target.scalars()).allSatisfy { $0 - 5 == $1 })
    expectMistake("the tensor input has 4 examples, the tensor target 3") {
      try Dataset(rowsOf: PairedBatch(input: ids, target: Tensor([0, 1, 2])))
    }
    expectMistake("the tensor target has no axis of examples") {
      try Dataset(rowsOf: PairedBatch(input: ids, target: Tensor(1)))
    }
  }
}

@Suite struct DataStreamTests {
  let numbers = DataStream<Int, Int>(from: 0) { place in
    guard place < 20 else { return nil }
    place += 1
    return place - 1
  }

  @Test func elements() throws {
    var stream = numbers
    #expect(try stream.next(3) == [0, 1, 2])
    #expect(stream.place == 3)
    #expect(try stream.next(100).count == 17 && stream.next() == nil)
    stream.go(to: 18)
    #expect(try stream.next(5) == [18, 19])
    var even = numbers.map { $0 * 2 }.filter { $0 % 3 == 0 }
    #expect(try even.next(3) == [0, 6, 12])
  }

  @Test func aShuffledStreamGoesOnWhereItWas() throws {
    var stream = numbers.shuffled(buffer: 5, seed: 1)
    let all = try stream.next(100)
    #expect(all.sorted() == Array(0..<20) && all != Array(0..<20))
    #expect(all.enumerated().allSatisfy { $1 - $0 <= 4 })
    var again = numbers.shuffled(buffer: 5, seed: 1)
    #expect(try again.next(7) == Array(all[..<7]))
    var resumed = numbers.shuffled(buffer: 5, seed: 1)
    resumed.go(to: again.place)
    #expect(try resumed.next(100) == Array(all[7...]))
  }

  @Test func batches() throws {
    var stream = numbers.map { Tensor(Double($0)) }.batched(8)
    #expect(try stream.next()?.shape == [8])
    _ = try stream.next()
    #expect(try stream.next()?.scalars() == [16, 17, 18, 19])
    #expect(try stream.next() == nil)
    var whole = numbers.map { Tensor(Double($0)) }.batched(8, droppingRemainder: true)
    #expect(try whole.next(10).count == 2)
  }
}
