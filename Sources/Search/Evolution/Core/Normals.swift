import DescentData
import Foundation

extension ElementRandom {
  /// The numbers of one member of one generation.
  ///
  /// - Parameter purpose: Tells several uses of one member's numbers apart.
  init(seed: UInt64, generation: Int, member: Int, purpose: UInt64 = 0) {
    self.init(seed: seed ^ (purpose &* 0x9E37_79B9_7F4A_7C15), epoch: generation, index: member)
  }

  /// Two independent numbers from the standard normal distribution, by the method of Box and Muller.
  mutating func normalPair() -> (Double, Double) {
    let radius = (-2 * log(1 - unit())).squareRoot()
    let angle = 2 * Double.pi * unit()
    return (radius * cos(angle), radius * sin(angle))
  }

  /// A number from the standard normal distribution.
  mutating func normal() -> Double { normalPair().0 }

  /// A number from the Cauchy distribution.
  mutating func cauchy(_ center: Double, _ width: Double) -> Double { center + width * tan(Double.pi * (unit() - 0.5)) }

  /// Independent numbers from the standard normal distribution.
  mutating func normals(_ count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { numbers, filled in
      var place = 0
      while place < count {
        let (first, second) = normalPair()
        numbers[place] = first
        if place + 1 < count { numbers[place + 1] = second }
        place += 2
      }
      filled = count
    }
  }
}
