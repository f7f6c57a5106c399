// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our strict verifier with the files of the store, as servers and clients use them. */
class TrustInIssuedCredentialsTest {

    private static final Identity LOCALHOST = new DnsName("localhost");

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Hierarchy.class)
    void acceptsServersAndAgentsInTheirRolesOnly(Hierarchy hierarchy) {
        Store store = store(hierarchy);
        ChainVerifier verifier = verifier(store, revocation(store));

        assertThat(identity(verifier.verifyServer(load(store, "weather").chain(), LOCALHOST)))
                .isEqualTo(SpiffeId.parse("spiffe://demo.local/server/weather"));
        assertThat(identity(verifier.verifyClient(load(store, "coordinator").chain())))
                .isEqualTo(SpiffeId.parse("spiffe://demo.local/agent/coordinator"));
        assertThat(reason(verifier.verifyClient(load(store, "weather").chain())))
                .isEqualTo(Reason.WRONG_PURPOSE);
        assertThat(reason(verifier.verifyServer(load(store, "weather").chain(), new DnsName("example.com"))))
                .isEqualTo(Reason.NAME_MISMATCH);
    }

    @ParameterizedTest
    @EnumSource(Hierarchy.class)
    void rejectsTheRevokedOnceTheListIsReadAgain(Hierarchy hierarchy) {
        Store store = store(hierarchy);
        Revocation revocation = revocation(store);
        ChainVerifier verifier = verifier(store, revocation);

        fixed.open(store).revoke("coordinator", RevocationReason.PRIVILEGE_WITHDRAWN);
        assertThat(revocation.reload()).isTrue();

        assertThat(reason(verifier.verifyClient(load(store, "coordinator").chain())))
                .isEqualTo(Reason.REVOKED);
        assertThat(verifier.verifyServer(load(store, "weather").chain(), LOCALHOST))
                .isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void rejectsTheExpiredAndAcceptsItRenewed() {
        Store store = store(Hierarchy.ROOT_ONLY);
        ChainVerifier verifier = verifier(store, revocation(store));
        fixed.pass(Duration.ofHours(24).plusSeconds(1));

        assertThat(reason(verifier.verifyClient(load(store, "coordinator").chain())))
                .isEqualTo(Reason.EXPIRED);
        fixed.open(store).renew("coordinator");
        assertThat(verifier.verifyClient(load(store, "coordinator").chain())).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void holdsThroughAChangeOfAuthority() {
        Store store = store(Hierarchy.ROOT_ONLY);
        Rollover rollover = fixed.open(store).rollover();
        rollover.prepare(AuthorityProfile.standard("demo.local"));
        rollover.switchOver();
        ChainVerifier verifier = verifier(store, revocation(store));

        assertThat(verifier.verifyClient(load(store, "coordinator").chain())).isInstanceOf(Verdict.Accepted.class);
        store.credentialNames().forEach(fixed.open(store)::renew);
        assertThat(verifier.verifyClient(load(store, "coordinator").chain())).isInstanceOf(Verdict.Accepted.class);
    }

    private Store store(Hierarchy hierarchy) {
        Store store = Store.at(directory.resolve("store"));
        fixed.initialise(store, AuthorityProfile.standard("demo.local").with(hierarchy), Optional.empty());
        return store;
    }

    private static Revocation revocation(Store store) {
        return Revocation.load(List.of(store.revocationList()), Optional.empty(), Revocation.Mode.HARD_FAIL);
    }

    private ChainVerifier verifier(Store store, Revocation revocation) {
        TrustAnchors anchors = TrustAnchors.load(store.credential("weather").resolve("ca.crt"));
        return new ChainVerifier(TrustPolicy.strict(anchors).withRevocation(revocation), () -> fixed.now);
    }

    private static Credential load(Store store, String name) {
        return Credential.load(store.credential(name));
    }

    private static Identity identity(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).peer().identity();
    }

    private static Reason reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
        return ((Verdict.Rejected) verdict).findings().get(0).reason();
    }
}
