//! ROOM 3: rows and org state become new users or rejections.
