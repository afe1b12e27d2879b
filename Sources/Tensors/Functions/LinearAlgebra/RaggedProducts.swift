import DescentGraph

/// The products of a tensor's rows with several matrices, consecutive rows with the same matrix: what a mixture of experts
/// computes from rows that are sorted by expert.
///
/// A negative size counts as 0, and a group ends with the last row at the latest, so that every row belongs to one group
/// at most, whatever the sizes say. Rows after the last group are not read and give zeros.
///
/// - Parameters:
///   - rows: `[…, rows, terms]`.
///   - matrices: `[…, groups, terms, columns]`. Of the axes in front of those three, the last ones may be missing: all
///     batches along them meet the same matrices.
///   - groupSizes: Integers `[…, groups]`: how many rows belong to each group, from the first row on.
/// - Returns: `[…, rows, columns]`.
public func raggedDot(_ rows: Tensor, _ matrices: Tensor, groupSizes: Tensor) -> Tensor {
  rows.unlessFailed(matrices) {
    let batch = max(0, rows.rank - 2)
    return .record(
      RaggedDot(sharedAxes: min(batch, max(0, batch + 3 - matrices.rank))), [rows, matrices, groupSizes])
  }
}
