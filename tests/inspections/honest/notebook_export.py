#!/usr/bin/env python
# coding: utf-8

# # 분류 연습
# 
# `model.fit_generator`는 더 이상 없다. `lr=`도 없다.

# In[1]:


import numpy as np
import tensorflow as tf
import matplotlib.pyplot as plt

get_ipython().run_line_magic('matplotlib', 'inline')


# In[2]:


get_ipython().system('pip list | grep keras')
x = np.random.rand(64, 3).astype('float32')
y = (x.sum(axis=1) > 1.5).astype('float32')


# In[3]:


model = tf.keras.Sequential([
    tf.keras.Input(shape=(3,)),
    tf.keras.layers.Dense(8, activation='relu'),
    tf.keras.layers.Dense(1, activation='sigmoid'),
])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=1e-2), loss='binary_crossentropy', metrics=['acc'])
history = model.fit(x, y, epochs=3, validation_split=0.2)


# In[4]:


pd = history.history
plt.plot(pd['acc'], label='정확도')
plt.plot(pd['val_acc'])
plt.show()
model.summary()


# In[ ]:


model.save('mymodel.h5')
model.predict(x[:1])
