import Descent

extension NamesTests {
  private static let x = numbers(3, 4)
  private static let y = numbers(3, 4, seed: 2)

  static func shapes() -> Values {
    var values: Values = [:]
    let (v, w) = (numbers(7), numbers(5, seed: 1))
    let (three, ones) = (numbers(2, 3, 4), numbers(1, 3, 1, 2))
    values["reshape"] = [x.reshaped([2, -1])]
    values["flatten"] = [three.flattened(keeping: 0), three.flattened()]
    values["permute"] = [three.transposed([2, 0, 1])]
    values["swapaxes"] = [three.swapped(0, 2)]
    values["movedim"] = [three.moved(0, to: 2), three.moved([0, 2], to: [1, 0])]
    values["rot90"] = [
      x.quarterTurned(), x.quarterTurned(2), x.quarterTurned(-1), three.quarterTurned(from: 1, to: 2),
    ]
    values["unflatten"] = [x.reshaped([3, 2, 2])]
    values["hstack"] = [concatenated([x, numbers(3, 4, seed: 2)], axis: 1)]
    values["vstack"] = [concatenated([x, numbers(3, 4, seed: 2)])]
    values["dstack"] = [stacked([x, numbers(3, 4, seed: 2)], axis: -1)]
    values["unsqueeze"] = [x.expanded(axis: 1)]
    values["squeeze"] = [ones.squeezed(), ones.squeezed(axes: [2])]
    values["broadcast_to"] = [w.broadcast(to: [2, 5])]
    values["broadcast_tensors"] = broadcast([w, numbers(3, 1)])
    values["cat"] = [concatenated([x, y]), concatenated([x, y], axis: 1)]
    values["stack"] = [stacked([x, y]), stacked([x, y], axis: -1)]
    values["unbind"] = x.unstacked() + x.unstacked(axis: 1)
    values["split"] = v.split([2, 4, 1])
    values["chunk"] = v.chunked(3)
    values["tile"] = [x.tiled([2]), x.tiled([2, 1])]
    values["repeat_interleave"] = [
      x.repeated(2), x.repeated(2, axis: 0), x.repeated(indices([2, 0, 3]), total: 5),
    ]
    values["flip"] = [x.reversed(), x.reversed(axes: 1)]
    values["roll"] = [x.rolled(by: 1), x.rolled(by: -2, axis: 0)]
    let (low, high) = ([0, 2], [0, 1])
    values["F.pad"] = [
      x.padded(low: [0, 1], high: [0, 2], with: 0.5), x.padded(low: low, high: high, mode: .reflect),
      x.padded(low: low, high: high, mode: .edge), x.padded(low: low, high: high, mode: .circular),
    ]
    values["F.pixel_shuffle"] = [pixelShuffle(numbers(1, 2, 3, 8), factor: 2)]
    values["F.pixel_unshuffle"] = [pixelUnshuffle(numbers(1, 4, 6, 2), factor: 2)]
    let image = numbers(2, 3, 5, 2)
    values["F.interpolate"] = [
      image.resized([5, 7], method: .nearest), image.resized([5, 7]), image.resized([2, 3], method: .linear),
      image.resized([5, 7], method: .nearestExact), image.resized([5, 7], method: .cubic),
      image.resized([2, 3], method: .cubic), image.resized([5, 7], aligningCorners: true),
      image.resized([2, 1], method: .cubic, aligningCorners: true), image.resized([2, 3], antialiasing: true),
      image.resized([1, 2], method: .cubic, antialiasing: true),
      image.resized([4, 3], method: .cubic, antialiasing: true),
    ]
    values["tril"] = [x.lowerTriangle(), x.lowerTriangle(offset: 1)]
    values["triu"] = [x.upperTriangle(), x.upperTriangle(offset: -1)]
    values["diagonal"] = [x.diagonal(), x.diagonal(offset: 1), x.diagonal(offset: -1)]
    values["trace"] = [x.trace()]
    return values
  }

  static func indexing() -> Values {
    var values: Values = [:]
    let (v, w) = (numbers(7), numbers(5, seed: 1))
    values["x[0, 1:3]"] = [x[0, 1..<3]]
    values["x[1:-1]"] = [v[.strided(from: 1, to: -1)]]
    values["x[:, ::2]"] = [x[.all, .strided(by: 2)]]
    values["x[..., None]"] = [x[.ellipsis, .new]]
    var masked = x
    masked[x .> 1] = Tensor(-5, .float64)
    values["x[mask] = v"] = [masked]
    let places = indices([2, 0, 2])
    values["index_select"] = [x.taken(places), x.taken(places, axis: 1)]
    values["F.embedding"] = [x.taken(places)]
    let along = indices([0, 2, 1, 1, 1, 1, 0, 2], [2, 4])
    let head = y[..<2]
    values["gather"] = [x.takenAlong(along, axis: 0)]
    values["take_along_dim"] = [x.takenAlong(along.transposed()[..<3])]
    let apart = indices([0, 2, 1, 1, 1, 0, 0, 2], [2, 4])
    values["scatter"] = [x.scatteredAlong(head, at: apart, axis: 0, combining: .set)]
    values["scatter_add"] = [x.scatteredAlong(head, at: along, axis: 0)]
    values["scatter_reduce"] = [
      x.scatteredAlong(head, at: along, axis: 0, combining: .maximum),
      x.scatteredAlong(head, at: along, axis: 0, combining: .minimum),
      x.scatteredAlong(head, at: along, axis: 0, combining: .multiply),
      x.scatteredMeanAlong(head, at: along, axis: 0),
      x.scatteredMeanAlong(head, at: along, axis: 0, countingOwn: false),
    ]
    values["index_add"] = [x.scattered(y, at: places)]
    values["index_reduce"] = [x.scatteredMean(y, at: places), x.scatteredMean(y, at: places, countingOwn: false)]
    values["index_copy"] = [x.scattered(head, at: indices([2, 0]), combining: .set)]
    values["index_put"] = [x.scattered(w[..<3], atVectors: indices([2, 1, 0, 3, 2, 1], [3, 2]))]
    values["narrow"] = [x.sliced(1..<3, axis: 1)]
    values["slice_scatter"] = [x.replacing(from: indices([1]), with: head, axes: [0])]
    values["masked_select"] = [x.compressed(where: x .> 1, count: 3)]
    values["nonzero"] = [(x .> 1).nonzero(count: 3)]
    values["argwhere"] = [(x .> 1).nonzero(count: 3)]
    return values
  }

  static func order() -> Values {
    var values: Values = [:]
    let tied = reals([2, -1, 2, 0, -1, 3, 2])
    values["sort"] = [x.sorted(), x.sorted(axis: 0, descending: true)]
    values["argsort"] = [tied.argSorted(), tied.argSorted(descending: true)]
    let largest = x.topK(2)
    values["topk"] = [largest.values, largest.indices, x.topK(2, smallest: true).values]
    values["argmax"] = [x.argMax(), x.argMax(axis: 0), x.flattened(keeping: 0).argMax()]
    values["argmin"] = [x.argMin(), x.argMin(axis: 0), x.flattened(keeping: 0).argMin()]
    values["searchsorted"] = [
      tied.sorted().searchSorted(reals([-2.5, -0.5, 0.5, 1.5, 3])), tied.sorted().searchSorted(tied, after: true),
      numbers(3, 4).sorted().searchSorted(numbers(3, 2, seed: 1)),
    ]
    let different = tied.unique(count: 4)
    values["unique"] = [different.values, different.inverse, different.counts]
    return values
  }
}
