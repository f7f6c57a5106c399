// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A token that was logged in to, through the JDK's PKCS#11 provider. That shows only keys with a certificate of the same id beside them;
 * the authority's own certificate therefore is in the token too. For one thread at a time.
 */
final class Token {

    private static final Pattern CODE = Pattern.compile("CKR_[A-Z_0-9]+");
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final byte[] PROOF =
            "mcp-mtls signs this to prove possession".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final Pkcs11Key where;
    private final Provider provider;
    private final KeyStore objects;

    private Token(Pkcs11Key where, Provider provider, KeyStore objects) {
        this.where = where;
        this.provider = provider;
        this.objects = objects;
    }

    /**
     * Logs in.
     *
     * @param pin the caller wipes it
     * @throws AuthorityException.Unavailable when the library, the slot or the token is missing
     * @throws WrongPin when the token does not take the PIN
     */
    static Token open(Pkcs11Key where, char[] pin) {
        requireLibrary(where);
        Provider provider = provider(where);
        try {
            KeyStore objects = KeyStore.getInstance("PKCS11", provider);
            objects.load(null, pin);
            return new Token(where, provider, objects);
        } catch (IOException | GeneralSecurityException | ProviderException e) {
            throw failure(where, e);
        }
    }

    /** The token does not take the PIN, and must not be asked with it again: it locks itself after a few. */
    static final class WrongPin extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient AuthorityException.Unavailable told;

        private WrongPin(AuthorityException.Unavailable told) {
            super(told);
            this.told = told;
        }

        AuthorityException.Unavailable told() {
            return told;
        }
    }

    private static void requireLibrary(Pkcs11Key where) {
        if (!Files.isReadable(where.library())) {
            throw new AuthorityException.Unavailable(
                    "there is no PKCS#11 library " + where.library(), "install it, or correct the path");
        }
        Exposure.ofFile(where.library())
                .filter(exposure -> !exposure.isTolerable())
                .ifPresent(exposure -> {
                    throw new AuthorityException.Unavailable(
                            where.library() + " is not loaded, because other users can replace it: " + exposure.why(),
                            exposure.remedy());
                });
    }

    private static Provider provider(Pkcs11Key where) {
        Provider pkcs11 = Security.getProvider("SunPKCS11");
        if (pkcs11 == null) {
            throw new AuthorityException.Unavailable(
                    "this Java runtime has no PKCS#11", "use one with the module jdk.crypto.cryptoki");
        }
        String label = HexFormat.of().formatHex(where.label().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        String configuration = """
                --
                name = mcpmtls%d
                library = "%s"
                slot = %d
                attributes(generate, CKO_PRIVATE_KEY, *) = {
                  CKA_TOKEN = true
                  CKA_PRIVATE = true
                  CKA_SENSITIVE = true
                  CKA_EXTRACTABLE = false
                  CKA_SIGN = true
                  CKA_LABEL = 0h%s
                }
                attributes(generate, CKO_PUBLIC_KEY, *) = {
                  CKA_TOKEN = false
                }
                """.formatted(COUNT.incrementAndGet(), where.library(), where.slot(), label);
        try {
            return pkcs11.configure(configuration);
        } catch (ProviderException | java.security.InvalidParameterException e) {
            throw failure(where, e);
        }
    }

    /** Whether there is anything of that label. */
    boolean holds(String label) {
        return aliases().stream().anyMatch(alias -> alias.equals(label) || alias.startsWith(label + "/"));
    }

    /**
     * The private key of the label, if the token has one.
     *
     * @throws AuthorityException.Refused when it cannot be told which it is, or cannot sign certificates
     */
    Optional<KeyPair> find() {
        // The provider tells several of one label apart by what follows a slash.
        if (aliases().stream().anyMatch(alias -> alias.startsWith(where.label() + "/"))) {
            throw new AuthorityException.Refused(
                    "several certificates in slot " + where.slot() + " are labelled '" + where.label() + "'",
                    "give the authority's key a label of its own");
        }
        try {
            if (!objects.containsAlias(where.label())) {
                return Optional.empty();
            }
            Key key = objects.getKey(where.label(), null);
            Certificate certificate = objects.getCertificate(where.label());
            if (!(key instanceof PrivateKey privateKey) || certificate == null) {
                throw new AuthorityException.Refused(
                        "'" + where.label() + "' in slot " + where.slot()
                                + " is not a private key with its certificate",
                        "choose another label, or write a certificate with the key's id beside it");
            }
            KeyType.requireSigning(certificate.getPublicKey(), where.toString());
            return Optional.of(new KeyPair(certificate.getPublicKey(), privateKey));
        } catch (GeneralSecurityException | ProviderException e) {
            throw failure(where, e);
        }
    }

    /** Makes a key that cannot leave the token. */
    KeyPair generate(KeyType type) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type.algorithm(), provider);
            if (type.curve().isPresent()) {
                generator.initialize(new ECGenParameterSpec(type.curve().get()));
            } else {
                generator.initialize(type.bits());
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException | ProviderException e) {
            throw failure(where, e);
        }
    }

    /** Puts the certificate of a new key beside it, so that the key is found again. */
    void name(PrivateKey key, X509Certificate certificate) {
        try {
            objects.setKeyEntry(where.label(), key, null, new Certificate[] {certificate});
        } catch (KeyStoreException | ProviderException e) {
            throw failure(where, e);
        }
    }

    /** Signs with a key of this token. */
    byte[] sign(PrivateKey key, String algorithm, byte[] content) {
        try {
            Signature signature = Signature.getInstance(algorithm, provider);
            signature.initSign(key);
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException | ProviderException e) {
            throw failure(where, e);
        }
    }

    /** Checks by a signature that the private key in the token belongs to a public key. */
    void requireBelongs(PrivateKey key, PublicKey owner) {
        String algorithm = KeyType.signatureAlgorithm(owner);
        byte[] proof = sign(key, algorithm, PROOF);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initVerify(owner);
            signature.update(PROOF);
            if (signature.verify(proof)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new AuthorityException.Refused(where + " does not sign as its certificate says", e);
        }
        throw new AuthorityException.Refused(
                where + " is another one than the authority's certificate has", "bring the right token, or restore it");
    }

    private List<String> aliases() {
        try {
            return Collections.list(objects.aliases());
        } catch (KeyStoreException | ProviderException e) {
            throw failure(where, e);
        }
    }

    /** The sentence for a failure of the library; {@code CKR_} codes are those of PKCS#11. */
    private static RuntimeException failure(Pkcs11Key where, Exception e) {
        String code = Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause)
                .limit(16)
                .map(cause -> CODE.matcher(String.valueOf(cause.getMessage())))
                .filter(Matcher::find)
                .map(Matcher::group)
                .findFirst()
                .orElse("");
        if (Arrays.asList("CKR_PIN_INCORRECT", "CKR_PIN_LEN_RANGE", "CKR_PIN_INVALID")
                .contains(code)) {
            return new WrongPin(unavailable(where, code, "the token does not take the PIN", pin("check it; ")));
        }
        if (code.equals("CKR_PIN_LOCKED")) {
            return new WrongPin(unavailable(
                    where, code, "the PIN is locked after wrong attempts", "unlock it with the token's own tool"));
        }
        if (code.equals("CKR_USER_PIN_NOT_INITIALIZED") || code.equals("CKR_TOKEN_NOT_RECOGNIZED")) {
            return unavailable(where, code, "the token is not initialised", "initialise it with its own tool");
        }
        if (code.equals("CKR_SLOT_ID_INVALID") || code.equals("CKR_TOKEN_NOT_PRESENT") || isWithoutToken(e)) {
            return unavailable(where, code, "there is no token", "plug it in, or correct the slot");
        }
        return unavailable(
                where,
                code.isEmpty() ? String.valueOf(e.getMessage()) : code,
                "the token does not answer",
                "bring it back: it is used again as soon as it answers; some libraries need this program to be started again");
    }

    /** The provider of an empty slot offers nothing. */
    private static boolean isWithoutToken(Exception e) {
        return e instanceof KeyStoreException && e.getCause() instanceof java.security.NoSuchAlgorithmException;
    }

    private static AuthorityException.Unavailable unavailable(Pkcs11Key where, String code, String why, String remedy) {
        return new AuthorityException.Unavailable(
                "cannot use " + where + ": " + why + (code.isEmpty() ? "" : " (" + code + ")"), remedy);
    }

    static String pin(String first) {
        return first + "the PIN is given in " + Remedy.of(Setting.AUTHORITY_PASSPHRASE) + ", or in the pin-file";
    }
}
