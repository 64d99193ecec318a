//! Identifier octets (X.690 §8.1.2).

/// One identifier octet: class, constructed bit and tag number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag(pub u8);

impl Tag {
    /// BOOLEAN.
    pub const BOOLEAN: Self = Self(0x01);
    /// INTEGER.
    pub const INTEGER: Self = Self(0x02);
    /// BIT STRING.
    pub const BIT_STRING: Self = Self(0x03);
    /// OCTET STRING.
    pub const OCTET_STRING: Self = Self(0x04);
    /// NULL.
    pub const NULL: Self = Self(0x05);
    /// OBJECT IDENTIFIER.
    pub const OID: Self = Self(0x06);
    /// ENUMERATED.
    pub const ENUMERATED: Self = Self(0x0A);
    /// UTF8String.
    pub const UTF8_STRING: Self = Self(0x0C);
    /// PrintableString.
    pub const PRINTABLE_STRING: Self = Self(0x13);
    /// TeletexString.
    pub const TELETEX_STRING: Self = Self(0x14);
    /// IA5String.
    pub const IA5_STRING: Self = Self(0x16);
    /// UTCTime.
    pub const UTC_TIME: Self = Self(0x17);
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: Self = Self(0x18);
    /// BMPString.
    pub const BMP_STRING: Self = Self(0x1E);
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: Self = Self(0x30);
    /// SET and SET OF.
    pub const SET: Self = Self(0x31);

    /// Constructed context tag `[number]`: an explicit tag, or an implicit one over a SEQUENCE or SET.
    /// `number` is 0 to 30; higher bits are cut off.
    pub const fn context(number: u8) -> Self {
        Self(0xA0 | number & 0x1F)
    }

    /// Primitive context tag `[number] IMPLICIT` over a primitive type. `number` is 0 to 30.
    pub const fn context_primitive(number: u8) -> Self {
        Self(0x80 | number & 0x1F)
    }

    /// True if the content is itself a series of TLVs.
    pub const fn is_constructed(self) -> bool {
        self.0 & 0x20 != 0
    }
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tag({:#04x})", self.0)
    }
}
