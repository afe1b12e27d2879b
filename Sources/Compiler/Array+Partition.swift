extension [Int] {
  /// Where in this ascending list a number belongs, after those that are equal. - Complexity: O(log elements).
  func partition(before number: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
