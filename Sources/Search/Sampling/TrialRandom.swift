import DescentData

/// The random numbers of one trial: the same for the same seed, trial and purpose, whatever else was drawn before.
///
/// Those of different trials, purposes and places have nothing to do with each other.
public struct TrialRandom: RandomNumberGenerator, Sendable {
  private var random: ElementRandom

  /// The numbers for a purpose.
  ///
  /// - Parameters:
  ///   - seed: The method's seed.
  ///   - trial: The trial's number.
  ///   - purpose: What they are for, such as a parameter's name.
  ///   - index: Tells several streams for the same purpose apart.
  public init(seed: UInt64, trial: Int, purpose: String, index: Int = 0) {
    // FNV-1a: a hash that is the same in every process, unlike the standard library's.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let own = ElementRandom(seed: seed ^ hash, epoch: trial, index: index)
    random = own
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 { random.next() }

  /// A number from 0 up to 1, of 53 random bits.
  public mutating func unit() -> Double { random.unit() }

  /// A place among so many, from 0; 0 where there are none.
  public mutating func place(below count: Int) -> Int { random.place(below: count) }
}
