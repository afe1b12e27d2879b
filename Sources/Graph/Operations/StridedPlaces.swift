/// The places in memory that a strided view visits, in the row-major order of its shape.
struct StridedPlaces {
  let shape: Shape
  var strides: [Int]
  var offset = 0

  /// All places. - Complexity: O(elements · rank).
  var all: [Int] {
    if shape.contains(0) { return [] }
    var places = [offset]
    for (size, stride) in zip(shape, strides) {
      var next: [Int] = []
      next.reserveCapacity(places.count * size)
      for place in places {
        for index in 0..<size { next.append(place + index * stride) }
      }
      places = next
    }
    return places
  }
}
