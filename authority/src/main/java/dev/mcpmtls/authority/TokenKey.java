// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.function.Supplier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.jspecify.annotations.Nullable;

/**
 * A private key in a token. When the token does not answer, it is logged in to again, at once and at the next signature. A token that
 * is back is therefore used without a restart. Thread-safe.
 */
final class TokenKey implements SigningKey {

    private final Pkcs11Key where;
    private final PublicKey owner;
    private final Supplier<Token> login;
    private @Nullable Token token;
    private @Nullable PrivateKey key;

    /** A key that is looked for when it first signs. */
    TokenKey(Pkcs11Key where, PublicKey owner, Supplier<Token> login) {
        this.where = where;
        this.owner = owner;
        this.login = login;
    }

    /** A key that was found, or made. */
    TokenKey(Pkcs11Key where, KeyPair pair, Token token, Supplier<Token> login) {
        this(where, pair.getPublic(), login);
        this.token = token;
        this.key = pair.getPrivate();
    }

    @Override
    public synchronized void check() {
        if (token != null && key != null) {
            try {
                token.requireBelongs(key, owner);
                return;
            } catch (AuthorityException.Unavailable gone) {
                token = null;
            }
        }
        open();
    }

    @Override
    public ContentSigner signer(String algorithm, SecureRandom random) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        AlgorithmIdentifier identifier = new DefaultSignatureAlgorithmIdentifierFinder().find(algorithm);
        return new ContentSigner() {
            @Override
            public AlgorithmIdentifier getAlgorithmIdentifier() {
                return identifier;
            }

            @Override
            public OutputStream getOutputStream() {
                return content;
            }

            @Override
            public byte[] getSignature() {
                return sign(algorithm, content.toByteArray());
            }
        };
    }

    private synchronized byte[] sign(String algorithm, byte[] content) {
        if (token != null && key != null) {
            try {
                return token.sign(key, algorithm, content);
            } catch (AuthorityException.Unavailable gone) {
                token = null;
            }
        }
        PrivateKey found = open();
        return java.util.Objects.requireNonNull(token).sign(found, algorithm, content);
    }

    private PrivateKey open() {
        Token opened = login.get();
        PrivateKey found = opened.find()
                .orElseThrow(() -> new AuthorityException.Unavailable(
                        "the token does not have " + where, "bring the authority's token, or restore its key"))
                .getPrivate();
        opened.requireBelongs(found, owner);
        token = opened;
        key = found;
        return found;
    }

    @Override
    public String toString() {
        return where.toString();
    }
}
