import Foundation
import TestSupport

/// The programs under test, as the package built them.
enum Executable: String {
    case engram
    case distributor = "engram-distributor"
    case ingester = "engram-ingester"
    case querier = "engram-querier"

    /// Where the program is: in `ENGRAM_BIN_DIR`, or beside the tests, or in the package's debug build.
    var path: String {
        get throws {
            let path = Self.folder + "/" + rawValue
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw TestSupportError(
                    "\(path) is not there: run `swift build` first, or set ENGRAM_BIN_DIR"
                )
            }
            return path
        }
    }

    private static let folder: String = {
        if let folder = ProcessInfo.processInfo.environment["ENGRAM_BIN_DIR"], !folder.isEmpty {
            return folder
        }
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        if FileManager.default.isExecutableFile(atPath: beside + "/engram") { return beside }
        let package = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return package.appendingPathComponent(".build/debug").path
    }()
}
