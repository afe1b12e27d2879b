import DescentTensors
import DescentTypes
import Foundation
import Testing

@testable import DescentPlotting

@Suite struct ImageGridTests {
  @Test func contrasts() throws {
    let images = try Pictures(Numbers([[[0.0, 1]], [[2, 4]]]))
    #expect(images.bytes(.shared) == [[0, 64], [128, 255]])
    #expect(images.bytes(.each) == [[0, 255], [0, 255]])
    #expect(images.bytes(.range(1...2)) == [[0, 0], [255, 255]])
    let strange = try Pictures(Numbers([[[Double.nan, .infinity, 1, 1]]]))
    #expect(strange.bytes(.shared) == [[0, 255, 128, 128]])
  }

  @Test func picturesAndLabelsAreDrawn() throws {
    let grid = ImageGrid(
      "Samples & more", RandomKey(seed: 1).uniform([5, 8, 8]), labels: ["a", "b<c"], columns: 3)
    let svg = try grid.svg()
    try Markup.check(svg)
    #expect(svg.components(separatedBy: "<image").count == 6)
    #expect(svg.contains("b&lt;c"))
    #expect(try grid.svg() == svg)
    let text = try grid.text(width: 40)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 40 })
    #expect(try grid.text(width: 40, color: true).contains("▀"))
  }

  @Test(arguments: [[3, 4, 5], [3, 4, 5, 1], [3, 4, 5, 3], [0, 4, 4], [2, 0, 4], [1, 300, 200]]) func shapes(
    sizes: [Int]
  ) throws {
    let grid = ImageGrid("", Tensor(zeros: Shape(sizes)))
    try Markup.check(grid.svg())
    for width in [1, 20, 80] {
      let text = try grid.text(width: width)
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= max(width, 20) })
    }
    #expect(try grid.text(color: true).isEmpty == sizes.contains(0))
  }

  @Test func mistakesAreNamed() {
    let matrix = #expect(throws: TensorError.self) { try ImageGrid("", Tensor(zeros: [3, 4])).svg() }
    #expect(matrix?.message.contains("[3, 4]") == true)
    #expect(throws: TensorError.self) { try ImageGrid("", Tensor(zeros: [3, 4, 4, 2])).svg() }
    #expect(throws: TensorError.self) { try ImageGrid("", Tensor(zeros: [1, 4, 4]), labels: ["a", "b"]).svg() }
    #expect(throws: TensorError.self) { try ImageGrid("", Tensor(zeros: [1, 4, 4]), columns: 0).text() }
    #expect(throws: TensorError.self) { try ImageGrid("", Tensor(zeros: [1, 4, 4]), contrast: .range(1...1)).svg() }
    let filters = #expect(throws: TensorError.self) { try ImageGrid.filters("", Tensor(zeros: [3, 4])).svg() }
    #expect(filters?.message.contains("[height, width, channels, filters]") == true)
  }

  @Test func filtersArePictures() throws {
    let gray = try ImageGrid.filters("", RandomKey(seed: 1).normal([5, 5, 1, 6])).checked().pictures
    #expect(gray.count == 6 && gray.height == 5 && gray.channels == 1)
    let colored = try ImageGrid.filters("", RandomKey(seed: 1).normal([5, 4, 3, 6])).checked().pictures
    #expect(colored.count == 6 && colored.width == 4 && colored.channels == 3)
    let deep = try ImageGrid.filters("", RandomKey(seed: 1).normal([5, 4, 8, 6])).checked()
    #expect(deep.pictures.count == 48 && deep.columns == 8)
    // Filter 1, channel 2 is the picture of row 1 and column 2.
    let weight = RandomKey(seed: 2).normal([2, 2, 4, 3])
    let pictures = try ImageGrid.filters("", weight).checked().pictures
    let one = try Pictures(Numbers(weight[.all, .all, 2, 1].reshaped([1, 2, 2])))
    #expect(pictures.bytes(.each)[6] == one.bytes(.each)[0])
  }
}
