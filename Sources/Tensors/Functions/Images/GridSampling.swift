import DescentGraph

/// Images `[batch, height, width, channels]` looked at where a grid says, `[batch, rows, columns, 2]`: `[batch, rows,
/// columns, channels]`.
///
/// The grid's last axis holds x and y, from −1 at the outer edge of the first pixel to 1 at that of the last one, as in
/// PyTorch's `grid_sample` with `align_corners=False`. Derivatives pass to the images and, where the method is linear, to
/// the grid.
///
/// Source: Jaderberg et al., "Spatial transformer networks", 2015.
///
/// - Parameters:
///   - images: The images.
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
    guard images.rank == 4, grid.rank == 4, grid.shape[0] == images.shape[0], grid.shape[3] == 2,
      grid.elementType == images.elementType, images.shape[1] >= 1, images.shape[2] >= 1
    else {
      return .failure(
        name,
        "takes images [batch, height, width, channels] and a grid [batch, rows, columns, 2] of their type, not"
          + " \(images.type) and \(grid.type)")
    }
    guard method == .nearest || method == .linear else {
      return .failure(name, "looks at pixels by .nearest or .linear, not by .\(method)")
    }
    let sizes = [images.shape[2], images.shape[1]].map(Double.init)
    let places = sizes.enumerated().map { axis, size -> Tensor in
      let way = grid[.ellipsis, axis] + 1.0
      let place = aligningCorners ? way * ((size - 1) / 2) : way * (size / 2) - 0.5
      return repeatingEdges ? minimum(maximum(place, 0), size - 1) : place
    }
    /// The pixels at whole numbers, each times its weight; none beyond the edges.
    func pixels(_ x: Tensor, _ y: Tensor, _ weight: Tensor) -> Tensor {
      let at = [(x, sizes[0]), (y, sizes[1])].map { minimum(maximum($0, 0), $1 - 1) }
      let isInside = (at[0] .== x) .& (at[1] .== y)
      let vectors = stacked([at[1], at[0]], axis: -1).converted(to: .int32)
      let share = `where`(isInside, weight, weight.number(0))
      return images.gathered(at: vectors, batchAxes: 1) * share.expanded(axis: -1)
    }
    let (x, y) = (places[0], places[1])
    if method == .nearest { return pixels(round(x), round(y), Tensor(onesLike: x)) }
    let (left, top) = (floor(x), floor(y))
    let (right, bottom) = (x - left, y - top)
    let above = pixels(left, top, (1.0 - right) * (1.0 - bottom)) + pixels(left + 1.0, top, right * (1.0 - bottom))
    let below = pixels(left, top + 1.0, (1.0 - right) * bottom) + pixels(left + 1.0, top + 1.0, right * bottom)
    return above + below
  }
}
