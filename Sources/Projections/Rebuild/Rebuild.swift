/// Rebuilds the running views beside themselves, then puts the new file in the old one's place.
///
/// Readers keep the old views until the exchange. What the log gained meanwhile the runner takes in after.

import Events

package struct Rebuild {
    private let store: ViewStore
    private let file: RebuildFile

    package init(store: ViewStore, workers: Int = 2, open: @escaping OpenReader) {
        self.store = store
        file = RebuildFile(path: Rebuild.path(beside: store.path), views: store.views, workers: workers, open: open)
    }

    /// `views.sqlite` → `views.rebuild.sqlite`, in the same folder, so that the rename stays on one disk.
    package static func path(beside path: String) -> String {
        path.hasSuffix(".sqlite") ? path.dropLast(7) + ".rebuild.sqlite" : path + ".rebuild"
    }

    /// Builds and exchanges.
    ///
    /// - Throws: what `RebuildFile.run` throws; the running views are then as before.
    package func run(progress: (RebuildProgress) -> Bool = { _ in true }) throws -> RebuildResult {
        let result = try file.run(progress: progress)
        try store.swap(with: file.path)
        return result
    }
}
