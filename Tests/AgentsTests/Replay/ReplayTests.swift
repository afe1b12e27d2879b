import DescentAgents
import DescentGraph
import DescentTensors
import Testing

@Suite struct ReplayTests {
  private struct Item: Codable, Sendable {
    var number: Tensor
    var pair: Tensor
  }

  private func items(_ numbers: [Double]) -> Item {
    Item(number: Tensor(integers: numbers.map { Int($0) }), pair: Tensor(numbers.map { [$0, -$0] }))
  }

  private func buffer(_ capacity: Int) throws -> ReplayBuffer<Item> {
    try ReplayBuffer(capacity: capacity, like: Item(number: Tensor(integers: [0], shape: []), pair: Tensor([0, 0])))
  }

  @Test func laterItemsTakeThePlacesOfEarlierOnes() throws {
    var ring = try buffer(5)
    try ring.insert(items([1, 2, 3]))
    #expect(try ring.count.integers() == [3])
    let places = try ring.insert(items([4, 5, 6]))
    #expect(try places.integers() == [3, 4, 0])
    #expect(try ring.storage.number.integers() == [6, 2, 3, 4, 5])
    #expect(try ring.count.integers() == [5])
    #expect(try ring.position.integers() == [1])
    let taken = try ring.items(at: Tensor(integers: [0, 3]))
    #expect(try taken.pair.scalars() == [6, -6, 4, -4])
  }

  @Test func onlyWhatIsThereIsDrawnAndAllOfIt() throws {
    var ring = try buffer(100)
    try ring.insert(items([7, 8, 9]))
    let drawn = try ring.sample(300, RandomKey(seed: 1)).number.integers()
    let counts = [7, 8, 9].map { value in drawn.count { $0 == value } }
    #expect(counts.reduce(0, +) == 300)
    // Five standard deviations of a binomial distribution.
    for count in counts { #expect(abs(Double(count) - 100) < 41) }
  }

  @Test func writingAndDrawingAreOnePlan() throws {
    var ring = try buffer(4)
    let step = compiledUpdate { (ring: inout ReplayBuffer<Item>, items: Item, words: Tensor) in
      try ring.insert(items)
      return try ring.sample(2, RandomKey(words: words)).number
    }
    for number in 1...6 {
      let drawn = try step(&ring, items([Double(number)]), RandomKey(seed: UInt64(number)).words)
      #expect(try drawn.integers().allSatisfy { $0 > number - 5 && $0 <= number })
    }
    #expect(step.compilationCount == 1)
    #expect(try ring.storage.number.integers() == [5, 6, 3, 4])
  }

  @Test func aLoopWritesStepAfterStep() throws {
    let start = try buffer(8)
    let run = compiled { (ring: ReplayBuffer<Item>) in
      try scan(length: 5, from: ring) { ring, number in
        var next = ring
        let one = number.reshaped([1])
        let pair = stacked([one, -one], axis: -1).converted(to: .float32)
        try next.insert(Item(number: one, pair: pair))
        return (next, number)
      }.state
    }
    let ring = try run(start)
    #expect(try ring.storage.number.integers() == [0, 1, 2, 3, 4, 0, 0, 0])
    #expect(try ring.count.integers() == [5])
  }

  @Test func whatDoesNotFitIsRefused() throws {
    #expect(throws: TensorError.self) { try buffer(0) }
    let large = Item(number: Tensor(integers: [0], shape: []), pair: Tensor(zeros: [1_000_000]))
    let error = #expect(throws: TensorError.self) { try ReplayBuffer(capacity: 1_000_000_000, like: large) }
    #expect(error?.message.contains("memory") == true)
    var ring = try buffer(2)
    #expect(throws: TensorError.self) { try ring.insert(items([1, 2, 3])) }
    let wrong = Item(number: Tensor([1.0]), pair: Tensor([[1.0, 2.0]]))
    #expect(throws: TensorError.self) { try ring.insert(wrong) }
  }

  @Test(arguments: [1, 2, 5, 8, 13]) func sumsAreThoseOfTheWeights(_ count: Int) throws {
    var tree = try SumTree(count: count)
    var weights = [Double](repeating: 0, count: count)
    for round in 0..<3 {
      let places = (0..<count).filter { ($0 + round) % 2 == 0 }
      guard !places.isEmpty else { continue }
      for place in places { weights[place] = Double((place * 7 + round * 3) % 5 + 1) }
      tree.set(Tensor(places.map { weights[$0] }), at: Tensor(integers: places))
      #expect(try tree.total.item() == weights.reduce(0, +))
      #expect(try tree.weights(at: Tensor(rangeTo: count)).scalars() == weights)
    }
    // Every place is found from its begin up to its end.
    var begin = 0.0
    for (place, weight) in weights.enumerated() where weight > 0 {
      let found = try tree.places(below: Tensor([begin, begin + weight / 2, (begin + weight).nextDown])).integers()
      #expect(found[0] == place && found[1] == place)
      begin += weight
    }
    // Beyond the sum of all, what rounding may ask for, is the last weight that is positive.
    let last = weights.lastIndex { $0 > 0 } ?? 0
    #expect(try tree.places(below: Tensor([begin])).integers() == [last])
  }

  @Test func placesAreDrawnByTheirWeights() throws {
    var tree = try SumTree(count: 4)
    tree.set(Tensor([1, 0, 3, 4]), at: Tensor(rangeTo: 4))
    let drawn = try tree.places(800, RandomKey(seed: 3)).integers()
    let counts = (0..<4).map { place in drawn.count { $0 == place } }
    // One draw from each 800th of the sum: parts at the borders alone may go either way.
    #expect(abs(counts[0] - 100) <= 1 && counts[1] == 0 && abs(counts[2] - 300) <= 2 && abs(counts[3] - 400) <= 1)
  }

  @Test func surprisesAreDrawnMoreOften() throws {
    let example = Item(number: Tensor(integers: [0], shape: []), pair: Tensor([0, 0]))
    var replay = try PrioritizedReplay(capacity: 8, like: example, alpha: 1)
    try replay.insert(items([0, 1, 2, 3]))
    replay.update(at: Tensor(rangeTo: 4), errors: Tensor([1, 2, 0.5, -4.5]))
    let sample = try replay.sample(800, beta: Tensor(1), RandomKey(seed: 2))
    let drawn = try sample.items.number.integers()
    #expect(drawn.count { $0 == 3 } > 440 && drawn.count { $0 == 2 } < 55)
    // With β = 1 a weight times how often the item is drawn is the same for all.
    let (places, weights) = (try sample.places.integers(), try sample.weights.scalars())
    let errors = [1, 2, 0.5, 4.5]
    for (place, weight) in zip(places, weights) { #expect(abs(weight * errors[place] - 0.5) < 1e-4) }
    // What comes now counts as much as the most surprising one.
    try replay.insert(items([4]))
    #expect(abs(try replay.tree.weights(at: Tensor(integers: [4])).item() - 4.5) < 1e-4)
  }
}
