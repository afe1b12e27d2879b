import DescentAgents
import Testing

@Suite struct ActionSpaceTests {
  @Test func spacesWithTheSamePartsAreEqual() {
    #expect(ActionSpace.discrete(2) != ActionSpace.multiDiscrete([2]))
    #expect(ActionSpace.box(low: [-1], high: [1]) == ActionSpace.box(low: [-1], high: [1]))
  }
}
