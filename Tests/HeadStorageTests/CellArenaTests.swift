import TestSupport
import Testing

@testable import HeadStorage

@Suite struct CellArenaTests {
    @Test func `chains come back as they were made`() {
        var arena = CellArena()
        var random = SeededGenerator(seed: 1)
        var chains: [(first: UInt32, header: Int, bytes: [UInt8])] = []
        for step in 0..<3000 {
            if step % 3 == 2, !chains.isEmpty {
                let index = Int.random(in: 0..<chains.count, using: &random)
                arena.give(backChain: chains.remove(at: index).first)
            } else {
                let size = Int.random(in: 0..<400, using: &random)
                let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
                let header = [0, 32].randomElement(using: &random) ?? 0
                let first = bytes.withUnsafeBytes { arena.makeChain($0, header: header) }
                chains.append((first, header, bytes))
            }
        }
        for chain in chains {
            let bytes = copy(chain, from: arena)
            #expect(bytes == chain.bytes)
        }
        for chain in chains { arena.give(backChain: chain.first) }
        let usedCount = arena.usedCount
        #expect(usedCount == 0)
    }

    @Test func `no cell is taken twice, and none is number 0`() {
        var arena = CellArena()
        var random = SeededGenerator(seed: 2)
        var taken: [UInt32] = []
        var all: Set<UInt32> = []
        for step in 0..<20_000 {
            if step % 5 == 4 {
                let cell = taken.remove(at: Int.random(in: 0..<taken.count, using: &random))
                all.remove(cell)
                arena.give(back: cell)
            } else {
                let cell = arena.take()
                #expect(cell != CellArena.none)
                #expect(all.insert(cell).inserted)
                taken.append(cell)
            }
        }
        let usedCount = arena.usedCount
        #expect(usedCount == all.count)
    }

    @Test func `a small arena is small, and pages are given back`() {
        var arena = CellArena()
        #expect(arena.size == 0)
        let first = arena.take()
        #expect(arena.size == 16 * CellArena.cellSize)
        var cells = (0..<10_000).map { _ in arena.take() }
        let full = arena.size
        #expect(full >= 10_000 * CellArena.cellSize)
        #expect(full <= 10_000 * CellArena.cellSize + 2 * 65_536)
        // The lowest pages are filled first, so that a few cells that stay do not hold many pages.
        for cell in cells.suffix(9000) { arena.give(back: cell) }
        cells.removeLast(9000)
        #expect(arena.size <= 3 * 65_536)
        for _ in 0..<9000 { cells.append(arena.take()) }
        #expect(arena.size == full)
        for cell in cells { arena.give(back: cell) }
        #expect(arena.size <= 2 * 65_536)
        arena.give(back: first)
    }

    private func copy(
        _ chain: (first: UInt32, header: Int, bytes: [UInt8]),
        from arena: borrowing CellArena
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: chain.bytes.count)
        bytes.withUnsafeMutableBytes {
            arena.copyChain(chain.first, header: chain.header, to: $0)
        }
        return bytes
    }
}
