// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RevocationReason;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A machine joins with a token, over loopback. */
@Timeout(60)
class JoinIT {

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    @Test
    void theAuthoritySaysThatItIsAlive() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            assertThat(authority.pulse()).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void asksForNothingThatTheStoreCannotHold() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            Path inTheWay = Files.writeString(there.resolve("credentials"), "x");

            assertThatThrownBy(() -> authority.join(there, token))
                    .hasMessageContaining(there.resolve("credentials").resolve("laptop-7") + " cannot be written");

            assertThat(authority.authority.enrolment().invitations().get(0).keys())
                    .isEmpty();
            Files.delete(inTheWay);
            assertThat(authority.join(there, token).isNew()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Hierarchy.class)
    void bringsACredentialThatStrictPeersAccept(Hierarchy hierarchy) throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here, hierarchy, Duration.ofSeconds(5))) {
            Join.Joined joined = authority.join(there, authority.invite(RunningAuthority.laptop()));

            Store store = Store.at(there);
            Path directory = store.credential("laptop-7");
            Credential credential = Credential.load(directory);
            assertThat(joined.isNew()).isTrue();
            assertThat(credential.chain()).isEqualTo(joined.chain());
            ChainVerifier verifier = new ChainVerifier(
                    TrustPolicy.strict(TrustAnchors.load(directory.resolve("ca.crt"))), authority.clock);
            assertThat(verifier.examine(credential.chain(), Purpose.CLIENT)).isEmpty();
            assertThat(verifier.examine(credential.chain(), Purpose.SERVER)).isNotEmpty();
            assertThat(authority.authority.issued().get(1).names())
                    .containsExactly("URI:spiffe://demo.local/agent/laptop-7");
            assertThat(store.renewalSource("laptop-7").orElseThrow().est()).isEqualTo(authority.uri());
            assertThat(Files.readString(store.revocationList())).contains("BEGIN X509 CRL");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("tls.key"))))
                    .isEqualTo("rw-------");
            assertThat(there.resolve(".joining")).doesNotExist();
        }
    }

    @Test
    void isRecordedWithInvitationAndAddress() {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            authority.join(there, token);

            assertThat(authority.events)
                    .filteredOn(AuditEvent.EnrolmentGranted.class::isInstance)
                    .singleElement()
                    .satisfies(event -> {
                        AuditEvent.EnrolmentGranted granted = (AuditEvent.EnrolmentGranted) event;
                        assertThat(granted.address()).isEqualTo("127.0.0.1");
                        assertThat(granted.by()).isEqualTo("invitation " + token.id());
                        assertThat(granted.credential()).isEqualTo("laptop-7");
                    });
            assertThat(authority.events).anyMatch(AuditEvent.InvitationMade.class::isInstance);
        }
    }

    @Test
    void theSameTokenAgainFindsItDone() {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            authority.join(there, token);

            assertThat(authority.join(there, token).isNew()).isFalse();
            assertThat(authority.authority.issued()).hasSize(2);
        }
    }

    @Test
    void theSameTokenOnAnotherMachineIsRefusedAndSaysSo(@TempDir Path elsewhere) {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            authority.join(there, token);

            assertThatThrownBy(() -> authority.join(elsewhere, token))
                    .isInstanceOf(EnrolmentException.Refused.class)
                    .hasMessageContaining("another key has used the invitation up");
            assertThat(authority.refusals()).containsExactly("INVITATION_USED");
            assertThat(Store.at(elsewhere).credentialNames()).isEmpty();
        }
    }

    @Test
    void anExpiredTokenIsRefused() {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            authority.clock.advance(Duration.ofMinutes(15));

            assertThatThrownBy(() -> authority.join(there, token))
                    .isInstanceOf(EnrolmentException.Refused.class)
                    .hasMessageContaining("the invitation expired");
            assertThat(authority.refusals()).containsExactly("INVITATION_EXPIRED");
        }
    }

    @Test
    void aWithdrawnTokenIsRefused() {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            authority.authority.enrolment().withdraw(token.id());

            assertThatThrownBy(() -> authority.join(there, token)).isInstanceOf(EnrolmentException.Refused.class);
            assertThat(authority.refusals()).containsExactly("INVITATION_UNKNOWN");
        }
    }

    @Test
    void aTokenOfARevokedNameIsRefused(@TempDir Path elsewhere) {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            authority.join(elsewhere, authority.invite(RunningAuthority.laptop()));
            JoinToken token = authority.invite(RunningAuthority.laptop());
            authority.authority.revoke("laptop-7", RevocationReason.KEY_COMPROMISE);

            assertThatThrownBy(() -> authority.join(there, token)).hasMessageContaining("was revoked");
            authority.clock.advance(Duration.ofSeconds(1));
            assertThat(authority
                            .join(there, authority.invite(RunningAuthority.laptop()))
                            .isNew())
                    .isTrue();
        }
    }

    @Test
    void nothingIsSentToAServerOfAnotherAuthority(@TempDir Path impostors) {
        try (RunningAuthority authority = new RunningAuthority(here);
                RunningAuthority impostor = new RunningAuthority(impostors)) {
            JoinToken real = authority.invite(RunningAuthority.laptop());
            JoinToken astray = new JoinToken(
                    impostor.uri(),
                    real.pin(),
                    real.id(),
                    java.util.Base64.getUrlDecoder().decode(real.password()),
                    real.name());

            assertThatThrownBy(() -> impostor.join(there, astray))
                    .isInstanceOf(EnrolmentException.NotTheAuthority.class)
                    .hasMessageContaining("nothing was sent to it");
            assertThat(impostor.events).noneMatch(AuditEvent.EnrolmentRefused.class::isInstance);
        }
    }

    /** The fingerprint is public: an impostor can send the real authority's certificate, but has no certificate from it. */
    @Test
    void aServerThatOnlyShowsTheRightAnchorIsRefused(@TempDir Path impostors) throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here);
                RunningAuthority impostor = new RunningAuthority(impostors);
                Relay relay = Relay.between(impostor, authority)) {
            JoinToken real = authority.invite(RunningAuthority.laptop());
            JoinToken astray = new JoinToken(
                    relay.uri(),
                    real.pin(),
                    real.id(),
                    java.util.Base64.getUrlDecoder().decode(real.password()),
                    real.name());

            assertThatThrownBy(() -> authority.join(there, astray))
                    .isInstanceOf(EnrolmentException.NotTheAuthority.class)
                    .hasMessageContaining("UNTRUSTED_ISSUER");
        }
    }

    @Test
    void anAuthorityThatIsDownUsesNothingUp() {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            authority.stop();
            assertThatThrownBy(() -> authority.join(there, token)).isInstanceOf(EnrolmentException.Unreachable.class);

            authority.startAgain();
            assertThat(authority.join(there, token).isNew()).isTrue();
        }
    }

    @Test
    void aStoreWithAnAuthorityOfItsOwnHasNoRoom() {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            assertThatThrownBy(() -> authority.join(here, token)).isInstanceOf(EnrolmentException.NoRoom.class);
            assertThat(authority.join(there, token).isNew()).isTrue();
        }
    }

    @Test
    void aCredentialFromElsewhereIsNotReplaced() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            Path own = Files.createDirectories(there.resolve("credentials/laptop-7"));
            JoinToken token = authority.invite(RunningAuthority.laptop());
            assertThatThrownBy(() -> authority.join(there, token)).isInstanceOf(EnrolmentException.NoRoom.class);
            assertThat(own).isEmptyDirectory();

            Join renamed =
                    new Join(Store.at(there), token, Optional.of("other"), KeyType.EC_P256, authority.surroundings);
            assertThat(renamed.run().credential()).isEqualTo("other");
        }
    }

    @Test
    void theTokenIsOneWordAndSaysWhenItIsDamaged() {
        JoinToken token = new JoinToken(
                java.net.URI.create("https://a.example:8440"),
                PublicKeyPin.parse("sha256/" + "A".repeat(43) + "="),
                "00112233ff",
                new byte[32],
                "laptop-7");
        String word = token.secretText();

        JoinToken read = JoinToken.parse("  " + word.substring(0, 60) + "\n" + word.substring(60));
        assertThat(read.authority()).isEqualTo(token.authority());
        assertThat(read.pin()).isEqualTo(token.pin());
        assertThat(read.id()).isEqualTo("00112233ff");
        assertThat(read.name()).isEqualTo("laptop-7");
        assertThat(read.password()).isEqualTo(token.password());
        assertThat(token.toString()).doesNotContain(token.password());
        for (String bad : new String[] {
            word.substring(0, word.length() - 1), word.replace("mcpmtls1_A", "mcpmtls1_B"), "mcpmtls1_", "x", ""
        }) {
            assertThatThrownBy(() -> JoinToken.parse(bad)).isInstanceOf(UnusableTokenException.class);
        }
    }
}
