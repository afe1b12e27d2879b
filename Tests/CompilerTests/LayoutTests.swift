import DescentGraph
import Testing

@testable import DescentCompiler

@Suite struct LayoutTests {
  @Test func reshapesFollowGaplessAxes() {
    let layout = Layout(dense: [4, 6, 5])
    let merged = layout.viewed(through: Reshape(shape: [24, 5]), from: [4, 6, 5], to: [24, 5])
    #expect(merged == Layout(strides: [5, 1]))
    let turned = Layout(strides: [1, 4])
    #expect(turned.viewed(through: Reshape(shape: [24]), from: [4, 6], to: [24]) == nil)
    let split = turned.viewed(through: Reshape(shape: [2, 2, 6]), from: [4, 6], to: [2, 2, 6])
    #expect(split == Layout(strides: [2, 1, 4]))
  }

  @Test func slicesAndReversesMoveTheStart() {
    let layout = Layout(dense: [4, 6])
    let slice = Slice(starts: [1, 2], limits: [4, 6], steps: [2, 1])
    #expect(layout.viewed(through: slice, from: [4, 6], to: [2, 4]) == Layout(offset: 8, strides: [12, 1]))
    let reverse = Reverse(axes: [1])
    #expect(layout.viewed(through: reverse, from: [4, 6], to: [4, 6]) == Layout(offset: 5, strides: [6, -1]))
  }
}
