// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.trust.TrustAnchors;
import java.nio.file.Path;
import java.util.List;

/** Trust anchors in files, and what may name other files while the process runs. Used by one thread. */
public interface AnchorSource {

    /** The files whose changes call for {@link #load}; cheap, because it is asked several times a second. */
    List<Path> files();

    /**
     * Reads the anchors.
     *
     * @throws RuntimeException when they cannot be used; the last good ones stay in force
     */
    TrustAnchors load();

    /**
     * Anchors of fixed files, without bindings but those of SPIFFE bundles.
     *
     * @param files at least one
     */
    static AnchorSource of(List<Path> files) {
        List<Path> fixed = List.copyOf(files);
        return new AnchorSource() {
            @Override
            public List<Path> files() {
                return fixed;
            }

            @Override
            public TrustAnchors load() {
                return TrustAnchors.load(
                        fixed.get(0), fixed.subList(1, fixed.size()).toArray(Path[]::new));
            }
        };
    }
}
