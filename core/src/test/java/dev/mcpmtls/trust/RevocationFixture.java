// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.anchors;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.Revocation.Mode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** An authority, a client of it, and a directory for its CRLs. */
abstract class RevocationFixture {

    final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    final Issued client = ca.client("coordinator");
    Instant time = NOW;

    @TempDir
    Path directory;

    ChainVerifier relaxed(Path file) {
        return Verifying.verifier(TrustPolicy.relaxed(anchors(ca), Relaxation.UNTRUSTED_ISSUER, Relaxation.EXPIRED)
                .withRevocation(load(Mode.SOFT_FAIL, file)));
    }

    ChainVerifier verifier(Mode mode, Path location) {
        return new ChainVerifier(TrustPolicy.strict(anchors(ca)).withRevocation(load(mode, location)), () -> time);
    }

    static Revocation load(Mode mode, Path location) {
        return Revocation.load(List.of(location), Optional.empty(), mode);
    }
}
