import DescentGraph

extension MistakeTable {
  private static func tensor(_ sizes: Int...) -> TensorType { TensorType(Shape(sizes), .float32) }
  private static func indices(_ sizes: Int...) -> TensorType { TensorType(Shape(sizes), .int32) }

  /// What the operations that index and order answer.
  static func indexing(_ kind: OperationKind) -> [Mistake] {
    switch kind {
    case .dynamicSlice: slices
    case .dynamicUpdateSlice: updates
    case .gather: gathers
    case .scatter: scatters
    case .sort: sorts
    case .topK: tops
    default: []
    }
  }

  private static var slices: [Mistake] {
    [
      Mistake(
        DynamicSlice(axes: [0], sizes: [2]), tensor(3), tensor(1),
        message: "dynamicSlice: the starts are float32[1], not 1 integers for the axes [0]"),
      Mistake(
        DynamicSlice(axes: [0, 1], sizes: [2, 2]), tensor(3, 3), indices(1),
        message: "dynamicSlice: the starts are int32[1], not 2 integers for the axes [0, 1]"),
      Mistake(
        DynamicSlice(axes: [1], sizes: [2]), tensor(3), indices(1),
        message: "dynamicSlice: axis 1 does not exist in shape [3]"),
      Mistake(
        DynamicSlice(axes: [0, 0], sizes: [2, 2]), tensor(3), indices(2), message: "dynamicSlice: axis 0 is named twice"
      ),
      Mistake(
        DynamicSlice(axes: [0], sizes: [4]), tensor(3), indices(1),
        message: "dynamicSlice: a window of 4 does not fit axis 0 of [3]"),
      Mistake(
        DynamicSlice(axes: [0], sizes: [-1]), tensor(3), indices(1),
        message: "dynamicSlice: a window of -1 does not fit axis 0 of [3]"),
      Mistake(
        DynamicSlice(axes: [0], sizes: []), tensor(3), indices(1),
        message: "dynamicSlice: index vectors of 1 numbers do not address the axes [0]"),
    ]
  }

  private static var updates: [Mistake] {
    let update = DynamicUpdateSlice(axes: [0])
    return [
      Mistake(
        update, tensor(3, 2), indices(), tensor(2, 2),
        message: "dynamicUpdateSlice: the starts are int32[], not 1 integers for the axes [0]"),
      Mistake(
        update, tensor(3, 2), indices(1), tensor(4, 2),
        message: "dynamicUpdateSlice: float32[4, 2] is not a part of float32[3, 2] along axes [0]"),
      Mistake(
        update, tensor(3, 2), indices(1), tensor(2, 1),
        message: "dynamicUpdateSlice: float32[2, 1] is not a part of float32[3, 2] along axes [0]"),
      Mistake(
        update, tensor(3), indices(1), indices(2),
        message: "dynamicUpdateSlice: int32[2] is not a part of float32[3] along axes [0]"),
      Mistake(
        DynamicUpdateSlice(axes: [-1]), tensor(3), indices(1), tensor(2),
        message: "dynamicUpdateSlice: axis -1 does not exist in shape [3]"),
    ]
  }

  private static var gathers: [Mistake] {
    [
      Mistake(
        Gather(IndexGeometry(axes: [0])), tensor(3), tensor(2, 1),
        message: "gather: the indices are float32, not integers"),
      Mistake(
        Gather(IndexGeometry(axes: [1])), tensor(3), indices(2, 1),
        message: "gather: axis 1 does not exist in shape [3]"),
      Mistake(
        Gather(IndexGeometry(axes: [1, 1])), tensor(3, 3), indices(2, 2), message: "gather: axis 1 is named twice"),
      Mistake(
        Gather(IndexGeometry(axes: [0])), tensor(3), indices(2, 2),
        message: "gather: index vectors of 2 numbers do not address the axes [0]"),
      Mistake(
        Gather(IndexGeometry(axes: [0])), tensor(0, 2), indices(2, 1),
        message: "gather: a window of 1 does not fit axis 0 of [0, 2]"),
      Mistake(
        Gather(IndexGeometry(batch: 1, axes: [1])), tensor(3, 2), indices(2, 4, 1),
        message: "gather: the tensor [3, 2] and the indices [2, 4, 1] do not share 1 batch axes before the indexed ones"
      ),
      Mistake(
        Gather(IndexGeometry(batch: 1, axes: [0])), tensor(3, 2), indices(3, 1),
        message: "gather: the tensor [3, 2] and the indices [3, 1] do not share 1 batch axes before the indexed ones"),
      Mistake(
        Gather(IndexGeometry(axes: [])), tensor(3, 2), indices(),
        message: "gather: the tensor [3, 2] and the indices [] do not share 0 batch axes before the indexed ones"),
      Mistake(
        Gather(IndexGeometry(axes: [0], position: 2)), tensor(3), indices(2, 1),
        message: "gather: position 2 is not among the axes of [3]"),
      Mistake(
        Gather(IndexGeometry(axes: [0])), tensor(3, 1 << 31), indices(1 << 32, 1),
        message: "gather: the shape [4294967296, 1, 2147483648] has more elements than can be addressed"),
    ]
  }

  private static var scatters: [Mistake] {
    let add = Scatter(.add, IndexGeometry(axes: [0]))
    return [
      Mistake(
        add, tensor(3, 2), indices(4, 1), tensor(4, 2),
        message: "scatter: the updates of float32[3, 2] at [4, 1] are float32[4, 1, 2], not float32[4, 2]"),
      Mistake(
        add, tensor(3), indices(4, 1), indices(4, 1),
        message: "scatter: the updates of float32[3] at [4, 1] are float32[4, 1], not int32[4, 1]"),
      Mistake(
        Scatter(.maximum, IndexGeometry(axes: [0])), TensorType([3], .bool), indices(4, 1), TensorType([4, 1], .bool),
        message: "scatter: maximum takes numbers, not bool"),
      Mistake(
        add, tensor(3), TensorType([4, 1], .bool), tensor(4, 1),
        message: "scatter: the indices are bool, not integers"),
    ]
  }

  private static var sorts: [Mistake] {
    [
      Mistake(Sort(axis: 0), message: "sort: needs at least one tensor"),
      Mistake(Sort(axis: 1), tensor(3), message: "sort: axis 1 does not exist in shape [3]"),
      Mistake(Sort(axis: 0), tensor(), message: "sort: axis 0 does not exist in shape []"),
      Mistake(Sort(axis: 0), tensor(3), tensor(2), message: "sort: [2] cannot be carried along with [3]"),
      Mistake(
        Sort(axis: 0), tensor(1 << 31), message: "sort: axis 0 of [2147483648] is too long for int32 indices"),
    ]
  }

  private static var tops: [Mistake] {
    [
      Mistake(
        TopK(count: 4, axis: 0), tensor(3, 2),
        message: "topK: cannot take 4 of the 3 elements along axis 0 of [3, 2]"),
      Mistake(
        TopK(count: -1, axis: 1), tensor(3, 2),
        message: "topK: cannot take -1 of the 2 elements along axis 1 of [3, 2]"),
      Mistake(TopK(count: 1, axis: -1), tensor(3), message: "topK: axis -1 does not exist in shape [3]"),
    ]
  }
}
