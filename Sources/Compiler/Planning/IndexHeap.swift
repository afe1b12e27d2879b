/// Numbers, of which the smallest is taken first.
struct IndexHeap {
  private var elements: [Int] = []

  /// Adds a number. - Complexity: O(log numbers).
  mutating func insert(_ number: Int) {
    elements.append(number)
    var place = elements.count - 1
    while place > 0, elements[(place - 1) / 2] > elements[place] {
      elements.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Takes the smallest number. - Complexity: O(log numbers).
  mutating func popFirst() -> Int? {
    guard let last = elements.popLast() else { return nil }
    guard let smallest = elements.first else { return last }
    elements[0] = last
    var place = 0
    while true {
      var least = place
      let left = 2 * place + 1
      if left < elements.count, elements[left] < elements[least] { least = left }
      if left + 1 < elements.count, elements[left + 1] < elements[least] { least = left + 1 }
      if least == place { return smallest }
      elements.swapAt(place, least)
      place = least
    }
  }
}
