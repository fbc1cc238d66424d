import TestSupport
import Testing

@testable import HeadStorage

@Suite struct PostingListTests {
    @Test(arguments: [0, 1, 2, 3, 59, 60, 61, 5000])
    func `serials come back in order`(count: Int) {
        var arena = CellArena()
        var random = SeededGenerator(seed: UInt64(count))
        var list = PostingList()
        var expected: [UInt32] = []
        var serial: UInt32 = 0
        for _ in 0..<count {
            expected.append(serial)
            list.append(serial, in: &arena)
            let bits = Int.random(in: 0..<18, using: &random)
            serial += UInt32.random(in: 1...(1 << UInt32(bits)), using: &random)
        }
        var found: [UInt32] = []
        let isEnded = list.visit(in: arena) {
            found.append($0)
            return true
        }
        #expect(!isEnded)
        #expect(found == expected)
        #expect(Int(list.count) == count)
    }

    @Test func `the highest serials fit, and a walk ends where it is told to`() {
        var arena = CellArena()
        var list = PostingList()
        for serial in [0, 1, UInt32.max - 2, UInt32.max - 1] { list.append(serial, in: &arena) }
        var found: [UInt32] = []
        let isEnded = list.visit(in: arena) {
            found.append($0)
            return $0 < 5
        }
        #expect(isEnded)
        #expect(found == [0, 1, UInt32.max - 2])
    }

    @Test func `a rare pair takes no cell, and a common one about a byte a series`() {
        var arena = CellArena()
        var rare = PostingList()
        rare.append(7, in: &arena)
        #expect(arena.size == 0)
        var common = PostingList()
        for serial in 0..<100_000 as Range<UInt32> { common.append(serial, in: &arena) }
        #expect(arena.usedCount * CellArena.cellSize < 120_000)
    }
}
