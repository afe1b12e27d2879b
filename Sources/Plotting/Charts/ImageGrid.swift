import DescentFiles
import DescentTensors
import DescentTypes
import Foundation

/// Pictures in rows: examples of a data set, samples of a model, the filters of a convolution.
public struct ImageGrid: Sendable {
  /// How numbers become brightness.
  public enum Contrast: Sendable, Hashable {
    /// Black is the least and white the largest number of all pictures.
    case shared
    /// Black is the least and white the largest number of each picture.
    case each
    /// Black and white are these numbers; what lies beyond has their color.
    case range(ClosedRange<Double>)
  }

  /// The line above the pictures.
  public var title: String
  /// What is written below each picture, from the left and the top.
  public var labels: [String]
  /// How many stand side by side; `nil` for about as many as rows.
  public var columns: Int?
  /// How numbers become brightness.
  public var contrast: Contrast
  private let pictures: Result<Pictures, TensorError>

  /// Creates a grid of pictures.
  ///
  /// - Parameters:
  ///   - title: The line above the pictures.
  ///   - images: The pictures `[count, height, width]` or `[count, height, width, channels]` with 1 channel for gray or 3
  ///     for red, green and blue. NaN and infinite numbers are black.
  ///   - labels: What is written below each picture; at most as many as there are.
  ///   - columns: How many stand side by side; by default about as many as rows.
  ///   - contrast: How numbers become brightness.
  public init(
    _ title: String = "", _ images: some Plottable, labels: [String] = [], columns: Int? = nil,
    contrast: Contrast = .shared
  ) {
    self.title = title
    self.labels = labels
    self.columns = columns
    self.contrast = contrast
    do { pictures = .success(try Pictures(Numbers(images))) } catch let error as TensorError {
      pictures = .failure(error)
    } catch { pictures = .failure(TensorError("ImageGrid", "\(error)")) }
  }

  /// The filters of a convolution as pictures, each with a contrast of its own.
  ///
  /// - Parameters:
  ///   - title: The line above the pictures.
  ///   - weight: The weight `[height, width, channels, filters]` of a `Conv2D`: for 1 or 3 channels a picture for each filter,
  ///     otherwise one for each channel of each filter, a row for each filter.
  public static func filters(_ title: String = "Filters", _ weight: Tensor) -> ImageGrid {
    guard weight.error == nil, weight.rank == 4 else {
      let error =
        weight.error
        ?? TensorError(
          "ImageGrid.filters", "the weight \(weight.shape) has not the form [height, width, channels, filters]")
      return ImageGrid(title, Tensor(error: error))
    }
    let sizes = weight.shape.sizes
    if sizes[2] == 1 || sizes[2] == 3 {
      return ImageGrid(title, weight.transposed([3, 0, 1, 2]), contrast: .each)
    }
    let pairs = weight.transposed([3, 2, 0, 1]).reshaped([sizes[3] * sizes[2], sizes[0], sizes[1]])
    return ImageGrid(title, pairs, columns: max(sizes[2], 1), contrast: .each)
  }

  /// The grid as an SVG document.
  ///
  /// - Throws: `TensorError` where the pictures have another form, there are too many labels or no columns, or a tensor
  ///   carries an error.
  /// - Complexity: O(numbers).
  public func svg(style: Chart.Style = .automatic) throws -> String {
    let (pictures, columns) = try checked()
    let rows = (pictures.count + columns - 1) / max(columns, 1)
    // Small pictures are enlarged by a whole number, so that all their pixels are of one size.
    let side = Double(max(pictures.width, pictures.height, 1))
    let scale = side < 96 ? (96 / side).rounded(.down) : min(1, 240 / side)
    let (width, height) = (Double(pictures.width) * scale, Double(pictures.height) * scale)
    let gap = 8.0
    let labelHeight = labels.isEmpty ? 0.0 : 18
    let top = title.isEmpty ? 12.0 : 44
    var drawing = SVG(
      width: max(Double(columns) * (width + gap) - gap + 40, 160),
      height: top + Double(rows) * (height + labelHeight + gap) + 12, style: style)
    drawing.title = title
    if !title.isEmpty {
      let shown = SVG.clipped(title, to: drawing.width - 40, size: 17, isBold: true)
      drawing.text([(shown, .ink)], 20, 30, size: 17, anchor: "start", isBold: true)
    }
    let bytes = pictures.bytes(contrast)
    for index in 0..<pictures.count {
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      let place = Frame(
        x: 20 + Double(column) * (width + gap), y: top + Double(row) * (height + labelHeight + gap), width: width,
        height: height)
      drawing.image(
        bytes[index], columns: pictures.width, rows: pictures.height, channels: pictures.channels, place)
      if index < labels.count {
        let label = SVG.clipped(labels[index], to: width + gap - 2, size: 11)
        drawing.text([(label, .faint)], place.x + width / 2, place.bottom + 13, size: 11)
      }
    }
    return drawing.file
  }

  /// Writes the grid to a file, in the form that its name ends with: `.svg`, or `.txt` for what a terminal shows.
  ///
  /// - Throws: `TensorError` like ``svg(style:)``; `FileError` where the file cannot be written or its name ends
  ///   otherwise.
  public func write(to path: String, style: Chart.Style = .automatic) throws {
    try ChartFile.write(path, svg: { try svg(style: style) }, text: { try text() })
  }

  func checked() throws -> (pictures: Pictures, columns: Int) {
    let pictures = try pictures.get()
    guard labels.count <= pictures.count else {
      throw TensorError("ImageGrid", "\(pictures.count) pictures and \(labels.count) labels")
    }
    if case .range(let range) = contrast {
      guard range.lowerBound.isDrawable, range.upperBound.isDrawable, range.lowerBound < range.upperBound else {
        throw TensorError("ImageGrid", "the range \(range) is empty or not finite")
      }
    }
    let usual = max(Int(Double(pictures.count).squareRoot().rounded(.up)), 1)
    let columns = columns ?? usual
    guard columns >= 1 else { throw TensorError("ImageGrid", "\(columns) columns, at least 1 is needed") }
    return (pictures, min(columns, max(pictures.count, 1)))
  }
}

/// Pictures of one size.
struct Pictures: Sendable {
  let count: Int
  let height: Int
  let width: Int
  let channels: Int
  private let values: [Double]

  init(_ numbers: Numbers) throws {
    let shape = numbers.shape
    guard shape.count == 3 || shape.count == 4, shape.count == 3 || shape[3] == 1 || shape[3] == 3 else {
      throw TensorError(
        "ImageGrid",
        "the pictures have the shape \(shape), where [count, height, width] or, with 1 or 3 channels, "
          + "[count, height, width, channels] is drawn")
    }
    guard numbers.values.count <= Grid.limit else {
      throw TensorError("ImageGrid", "\(numbers.values.count) values, where at most \(Grid.limit) are drawn")
    }
    let isEmpty = numbers.values.isEmpty
    count = isEmpty ? 0 : shape[0]
    height = isEmpty ? 0 : shape[1]
    width = isEmpty ? 0 : shape[2]
    channels = shape.count == 4 ? shape[3] : 1
    values = numbers.values
  }

  /// The samples of each picture.
  func bytes(_ contrast: ImageGrid.Contrast) -> [[UInt8]] {
    let size = height * width * channels
    let shared: (low: Double, high: Double) =
      if case .range(let range) = contrast { (range.lowerBound, range.upperBound) } else { Self.ends(values[...]) }
    return (0..<count).map { index in
      let own = values[index * size..<(index + 1) * size]
      let (low, high) = contrast == .each ? Self.ends(own) : shared
      let span = high - low
      return own.map { value in
        guard value.isFinite else { return value > 0 ? 255 : 0 }
        let share = span > 0 ? (value - low) / span : 0.5
        return UInt8((min(max(share, 0), 1) * 255).rounded())
      }
    }
  }

  private static func ends(_ values: ArraySlice<Double>) -> (low: Double, high: Double) {
    let drawn = values.lazy.filter(\.isDrawable)
    return (drawn.min() ?? 0, drawn.max() ?? 0)
  }
}
