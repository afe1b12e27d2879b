import DescentGraph

/// Images `[batch, height, width, channels]` looked at where a grid says, `[batch, rows, columns, 2]`: `[batch, rows,
/// columns, channels]`; or volumes `[batch, depth, height, width, channels]` by a grid `[batch, layers, rows, columns, 3]`.
///
/// The grid's last axis holds x, y and, of volumes, z, from −1 at the outer edge of the first pixel to 1 at that of the last
/// one, as in PyTorch's `grid_sample` with `align_corners=False`. Derivatives pass to the images and, where the method is linear, to
/// the grid.
///
/// Source: Jaderberg et al., "Spatial transformer networks", 2015.
///
/// - Parameters:
///   - images: The images or volumes.
///   - grid: Where they are looked at, in the images' element type.
///   - method: How what lies between pixels is found.
///   - aligningCorners: Whether −1 and 1 are the centers of the outermost pixels, as with `align_corners=True`.
///   - repeatingEdges: Whether the outermost pixels go on beyond the edges; otherwise there are zeros.
public func gridSample(
  _ images: Tensor, at grid: Tensor, method: ResizeMethod = .linear, aligningCorners: Bool = false,
  repeatingEdges: Bool = false
) -> Tensor {
  let name = "gridSample"
  if grid.error != nil { return grid }
  return .composed(name, images) { images in
    let axes = images.rank - 2
    guard axes == 2 || axes == 3, grid.rank == images.rank, grid.shape[0] == images.shape[0],
      grid.shape[axes + 1] == axes, grid.elementType == images.elementType,
      images.shape.sizes[1...axes].allSatisfy({ $0 >= 1 })
    else {
      return .failure(
        name,
        "takes images [batch, height, width, channels] and a grid [batch, rows, columns, 2] of their type, or volumes and a"
          + " grid […, 3], not \(images.type) and \(grid.type)")
    }
    guard method == .nearest || method == .linear else {
      return .failure(name, "looks at pixels by .nearest or .linear, not by .\(method)")
    }
    // x is along the last spatial axis.
    let sizes = images.shape.sizes[1...axes].reversed().map(Double.init)
    let places = sizes.enumerated().map { axis, size -> Tensor in
      let way = grid[.ellipsis, axis] + 1.0
      let place = aligningCorners ? way * ((size - 1) / 2) : way * (size / 2) - 0.5
      return repeatingEdges ? minimum(maximum(place, 0), size - 1) : place
    }
    /// The pixels at whole numbers, each times its weight; none beyond the edges.
    func pixels(_ places: [Tensor], _ weight: Tensor) -> Tensor {
      let nearest = zip(places, sizes).map { minimum(maximum($0, 0), $1 - 1) }
      let isInside = zip(nearest, places).map { $0 .== $1 }
      let vectors = stacked(nearest.reversed(), axis: -1).converted(to: .int32)
      let share = `where`(isInside.dropFirst().reduce(isInside[0]) { $0 .& $1 }, weight, weight.number(0))
      return images.gathered(at: vectors, batchAxes: 1) * share.expanded(axis: -1)
    }
    if method == .nearest { return pixels(places.map { round($0) }, Tensor(onesLike: places[0])) }
    let first = places.map { floor($0) }
    let parts = zip(places, first).map { $0 - $1 }
    let corners = (0..<1 << axes).map { corner in
      let isNext = (0..<axes).map { corner >> $0 & 1 == 1 }
      let shares = zip(parts, isNext).map { $1 ? $0 : 1.0 - $0 }
      return pixels(
        zip(first, isNext).map { $1 ? $0 + 1.0 : $0 }, shares.dropFirst().reduce(shares[0]) { $0 * $1 })
    }
    return corners.dropFirst().reduce(corners[0]) { $0 + $1 }
  }
}
