// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.util.List;
import java.util.Optional;

/** A fault of a key or a signature. */
public sealed interface KeyRejection extends Rejection {

    /** The handshake signature does not verify with the leaf's key. */
    record ProofOfPossessionFailed(String who) implements KeyRejection {
        @Override
        public Reason reason() {
            return Reason.PROOF_OF_POSSESSION_FAILED;
        }

        @Override
        public String explain() {
            return "the peer presented the certificate of " + who + " but could not prove that it holds its key";
        }

        @Override
        public Remedy remedy() {
            return Remedy.of(
                    "check that the peer's tls.key belongs to its tls.crt; if it does, an attacker may be replaying a certificate");
        }
    }

    /**
     * A certificate claims an available issuer but does not carry its signature.
     *
     * @param issuer the issuer it names
     */
    record BadSignature(String who, String issuer) implements KeyRejection {
        @Override
        public Reason reason() {
            return Reason.BAD_SIGNATURE;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " claims to be issued by " + issuer
                    + " but does not carry its signature: it was altered, or comes from another authority of that name";
        }

        @Override
        public Remedy remedy() {
            return Remedies.reissue(who);
        }
    }

    /**
     * The key is not a pinned one.
     *
     * @param presented the peer's key
     * @param expected the accepted keys; one for a known peer whose key changed
     * @param source the file to change, with the line, when keys are remembered on first use
     */
    record PinMismatch(String who, PublicKeyPin presented, List<PublicKeyPin> expected, Optional<String> source)
            implements KeyRejection {

        /** Copies the list. */
        public PinMismatch {
            expected = List.copyOf(expected);
        }

        @Override
        public Reason reason() {
            return Reason.PIN_MISMATCH;
        }

        @Override
        public String explain() {
            return "the key of " + who + " is " + presented + ", which is "
                    + (source.isPresent() ? "not the key it had before, " : "none of the pinned keys ") + expected;
        }

        @Override
        public Remedy remedy() {
            return source.map(line -> Remedy.of("if the change is intended, delete " + line
                            + " and connect again; if not, an attacker may be impersonating " + who))
                    .orElseGet(() -> Remedy.of("if the change is intended, add " + presented + " to ")
                            .then(Setting.PINS));
        }
    }

    /**
     * A key below the floor.
     *
     * @param key for example {@code "RSA 1024"}
     */
    record WeakKey(String who, String key) implements KeyRejection {
        @Override
        public Reason reason() {
            return Reason.WEAK_KEY;
        }

        @Override
        public String explain() {
            return "the key of " + who + " is " + key
                    + "; use RSA of 2048 to 8192 bits, P-256, P-384, P-521, Ed25519 or Ed448";
        }

        @Override
        public Remedy remedy() {
            return Remedies.rekey(who).then(", EC P-256 or better");
        }
    }

    /**
     * A signature below the floor.
     *
     * @param algorithm for example {@code "SHA1withRSA"}
     */
    record WeakSignature(String who, String algorithm) implements KeyRejection {
        @Override
        public Reason reason() {
            return Reason.WEAK_SIGNATURE;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " is signed with " + algorithm + "; use SHA-256 or better, or EdDSA";
        }

        @Override
        public Remedy remedy() {
            return Remedies.reissue(who).then(" by an authority that signs with SHA-256 or better");
        }
    }
}
